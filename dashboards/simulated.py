"""A busy hour, simulated: calls of two lines of business on two workers, the same for a seed.

Nothing here is measured. It gives every panel and rule something to show, on a machine where no
call was ever made: tests ask a real Prometheus for it, `make dashboard` draws it. Two things go
wrong in it, so that the pictures of trouble can be looked at: for seven minutes the back office
hardly answers, and later for four the model loses its connections.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from dashboards.simulated_call import (
    AT_TRUNK,
    HOUR_S,
    MODEL_OUT,
    OFFICE_OUT,
    TOOLS,
    Call,
    Deed,
    during,
)
from dashboards.targets import Target

CALLS_AN_HOUR = 320
PLACES = 20


@dataclass
class Hour:
    """What happens on the targets, in order."""

    chance: random.Random
    workers: list[Target]
    watcher: Target
    sip: Target
    deeds: list[tuple[float, Deed]] = field(default_factory=list)

    def at(self, when_s: float, deed: Deed) -> None:
        """Let something happen."""
        self.deeds.append((when_s, deed))

    def calls(self, *, begins_s: float) -> None:
        """An hour of calls from `begins_s` on."""
        at_s = begins_s
        while (at_s := at_s + self.chance.expovariate(CALLS_AN_HOUR / HOUR_S)) < begins_s + HOUR_S:
            Call(self, self.chance.choice(self.workers), at_s).plan()
        for minute in range(60):
            self._minute(begins_s + minute * 60)

    def _minute(self, at_s: float) -> None:
        chance, worker = self.chance, self.chance.choice(self.workers)
        for each in self.workers:
            for _ in range(20):
                late_s = chance.lognormvariate(-6.2, 0.9)
                self.at(at_s, partial(each.observe, "frontdesk_event_loop_lag_seconds", late_s))
        if chance.random() < 0.15:
            self.at(at_s, partial(worker.add, "frontdesk_audio_underruns_total"))
        if chance.random() < 0.05:
            self.at(at_s, partial(worker.add, "frontdesk_calls_refused_total", reason="full"))
            self.at(at_s, partial(worker.add, "frontdesk_worker_full_transitions_total"))
        if chance.random() < 0.1:
            self._nobody(at_s)
        if not chance.randrange(12):
            for kind in ("sound", "words"):
                expired = partial(worker.add, "frontdesk_retention_deleted_total", 7)
                self.at(at_s, partial(expired, **{"class": kind}))

    def _nobody(self, at_s: float) -> None:
        reason = self.chance.choice(["gave_up", "gave_up", "no_agent"])
        at_trunk = partial(self.sip.add, number=1, **AT_TRUNK)
        self.at(at_s, partial(at_trunk, "livekit_sip_invite_requests"))
        self.at(at_s, partial(at_trunk, "livekit_sip_invite_error", reason="no-room"))
        not_taken = "frontdesk_calls_unanswered_total"
        self.at(at_s, partial(self.watcher.add, not_taken, reason=reason))


def gauges(chance: random.Random, at_s: float) -> Iterator[tuple[str, float, dict[str, str]]]:
    """What a worker's gauges say at second `at_s` of the hour, its calls in progress left out."""
    office, model = during(OFFICE_OUT, at_s), during(MODEL_OUT, at_s)
    pending = chance.randrange(0, 9)
    yield "frontdesk_call_capacity", PLACES, {}
    yield "frontdesk_worker_registered", 1, {}
    yield "frontdesk_worker_draining", 0, {}
    yield "frontdesk_build_info", 1, {"version": "0.1.0", "config_hash": "5d1f0a9c"}
    yield "frontdesk_records_pending", pending, {}
    yield "frontdesk_oldest_unpersisted_seconds", pending * chance.uniform(0, 0.2), {}
    yield "frontdesk_recording_backlog_bytes", chance.uniform(0.5e6, 6e6), {}
    yield "frontdesk_tool_writes_unsettled", chance.randrange(1, 4) if office else 0, {}
    for tool in TOOLS[1:4]:
        yield "frontdesk_tool_breaker_open", float(office), {"tool": tool}
    yield "lk_agents_worker_load", chance.uniform(0.25, 0.55) + 0.1 * model, {"nodename": "node"}
    yield "lk_agents_child_process_count", chance.randrange(9, 14), {"nodename": "node"}
