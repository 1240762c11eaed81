"""One simulated call: what it adds to the series of its worker, and when.

`dashboards.simulated` makes the calls of an hour of these. The shares and times are of the size
that real calls have, and no measurement.
"""

import random
from collections.abc import Callable
from typing import Protocol

from dashboards.targets import Target
from records import CallOutcome
from records.prices import CostKind

HOUR_S = 3600
OFFICE_OUT = (26 * 60, 33 * 60)
MODEL_OUT = (44 * 60, 48 * 60)
TOOLS = ("verify_caller", "look_up_order", "refund_order", "book_appointment", "answer_question")
OUTCOMES = {
    CallOutcome.COMPLETED: 74,
    CallOutcome.TRANSFERRED: 9,
    CallOutcome.ABANDONED: 9,
    CallOutcome.CALLER_SILENT: 3,
    CallOutcome.NOT_IN_SERVICE: 3,
    CallOutcome.LIMIT: 1,
}
# Dollars for a call: a base and one for each minute. Of the size that price lists have, no more.
PRICES = {
    CostKind.MODEL_INPUT_AUDIO: (0.0, 0.022),
    CostKind.MODEL_INPUT_CACHED_AUDIO: (0.0, 0.004),
    CostKind.MODEL_INPUT_TEXT: (0.004, 0.001),
    CostKind.MODEL_OUTPUT_AUDIO: (0.0, 0.046),
    CostKind.MODEL_OUTPUT_TEXT: (0.0, 0.002),
    CostKind.TRANSCRIPTION: (0.0, 0.004),
    CostKind.TELEPHONY: (0.002, 0.009),
    CostKind.PLATFORM: (0.0, 0.012),
    CostKind.STORAGE: (0.0001, 0.0),
}
TOKENS = {
    ("input", "audio"): 240,
    ("input", "text"): 90,
    ("input", "cached_audio"): 1400,
    ("input", "cached_text"): 2600,
    ("output", "audio"): 210,
    ("output", "text"): 60,
}
MODEL = "gpt-realtime"

AT_TRUNK = {"node_id": "sip-1", "dir": "inbound", "to": "sip.example"}

Deed = Callable[[], None]


class Around(Protocol):
    """What a call needs of its hour."""

    chance: random.Random
    watcher: Target
    sip: Target

    def at(self, when_s: float, deed: Deed) -> None:
        """Let something happen."""


class Call:
    """One call: what it adds to the series of its worker, and when."""

    def __init__(self, hour: Around, worker: Target, at_s: float) -> None:
        self._hour, self._worker, self._at = hour, worker, at_s
        self._chance = hour.chance
        self._profile = self._chance.choice(["acme", "acme", "acme", "bikes"])
        self._lasts = max(6.0, self._chance.lognormvariate(4.8, 0.55))

    def plan(self) -> None:
        """Have everything of this call happen at its time."""
        outcome = self._outcome()
        if outcome in (CallOutcome.NOT_IN_SERVICE, CallOutcome.CALLER_SILENT):
            self._lasts = 14.0
        self._begin()
        if outcome is not CallOutcome.NOT_IN_SERVICE:
            at_s = self._at + 6
            while at_s < self._at + self._lasts - 4:
                self._turn(at_s)
                at_s += self._chance.uniform(9, 18)
        self._end(outcome)

    def _begin(self) -> None:
        chance, connect_s = self._chance, self._chance.lognormvariate(-1.5, 0.3)
        if self._in(MODEL_OUT):
            connect_s += chance.uniform(0.5, 3)
        self._add(0, "frontdesk_calls_started_total", direction="inbound")
        self._observe(0, "frontdesk_answer_seconds", chance.lognormvariate(-1.2, 0.25))
        self._observe(1, "frontdesk_model_connect_seconds", connect_s, model=MODEL)
        self._observe(1, "frontdesk_greeting_seconds", 0.25 + connect_s)
        self._step(0, lambda: self._worker.move("frontdesk_calls_active", 1))
        self._step(0, lambda: self._hour.sip.add("livekit_sip_invite_requests", 1, **AT_TRUNK))
        answer = chance.choices(["granted", "refused", "no_answer"], [80, 12, 8])[0]
        policy = "ask" if self._profile == "bikes" else "announce"
        said = answer if policy == "ask" else "announced"
        self._add(3, "frontdesk_consent_total", policy=policy, answer=said)

    def _turn(self, at_s: float) -> None:
        chance, after = self._chance, at_s - self._at
        tool = chance.random() < 0.35
        first_s = chance.lognormvariate(-1.0, 0.28)
        if self._in(MODEL_OUT, at_s):
            first_s += self._model_fails(after)
        wait_s = first_s + 0.12 + (self._use(at_s) if tool else 0.0)
        for speaker in ("caller", "agent"):
            self._add(after, "frontdesk_turns_total", speaker=speaker)
        self._observe(after, "frontdesk_model_first_audio_seconds", first_s)
        bridged_s, sound = (0.9, "clip") if tool and wait_s > 1.5 else (wait_s, "answer")
        self._observe(after, "frontdesk_turn_first_sound_seconds", bridged_s, sound=sound)
        used = "yes" if tool else "no"
        self._observe(after, "frontdesk_turn_response_seconds", wait_s, tool_used=used)
        self._silences(at_s, wait_s, tool=tool)
        self._said(after)

    def _silences(self, at_s: float, wait_s: float, *, tool: bool) -> None:
        chance, after = self._chance, at_s - self._at
        if wait_s > 1.3:
            cause = "tool" if tool and not self._in(MODEL_OUT, at_s) else "model"
            silent_s = min(wait_s, 2.6 + chance.expovariate(1.2))
            self._observe(after, "frontdesk_dead_air_seconds", silent_s, cause=cause)
            if silent_s > 3:
                self._add(after, "frontdesk_dead_air_events_total", cause=cause)
        if chance.random() < 0.02:
            thinks_s = chance.uniform(1, 7)
            self._observe(after, "frontdesk_dead_air_seconds", thinks_s, cause="caller")
            if thinks_s > 3:
                self._add(after, "frontdesk_dead_air_events_total", cause="caller")

    def _said(self, after: float) -> None:
        chance = self._chance
        if chance.random() < 0.08:
            self._add(after, "frontdesk_interruptions_total")
        if chance.random() < 0.03:
            self._add(after, "frontdesk_reprompts_total", kind=chance.choice(["silence", "keys"]))
            self._add(after, "frontdesk_clips_played_total", reason="still_there")
        if chance.random() < 0.05:
            kind = chance.choice(["card", "phone", "email"])
            self._add(after, "frontdesk_redactions_total", kind=kind)
        for (direction, kind), some in TOKENS.items():
            number = int(some * chance.uniform(0.6, 1.4))
            self._add(
                after,
                "frontdesk_model_tokens_total",
                number,
                model=MODEL,
                direction=direction,
                kind=kind,
            )

    def _model_fails(self, after: float) -> float:
        effect = self._chance.choice(["recoverable", "failed_response", "fatal"])
        self._add(after, "frontdesk_model_errors_total", effect=effect)
        if effect == "fatal":
            self._add(after, "frontdesk_model_reconnects_total", model=MODEL)
            self._add(after, "frontdesk_clips_played_total", reason="one_moment")
        return self._chance.uniform(0.3, 2.8)

    def _use(self, at_s: float) -> float:
        """One use of a tool; returns the seconds it takes."""
        chance, after = self._chance, at_s - self._at
        tool = chance.choice(TOOLS)
        took_s, outcome = chance.lognormvariate(-1.6, 0.5), "ok"
        if self._in(OFFICE_OUT, at_s) and tool != "answer_question":
            took_s, outcome = self._office_fails(after, tool)
        elif chance.random() < 0.1:
            outcome = chance.choice(["refused", "needs_yes", "needs_yes", "invalid_arguments"])
        self._add(after, "frontdesk_tool_uses_total", tool=tool, outcome=outcome)
        self._add(after, "frontdesk_tool_requests_total", tool=tool)
        self._observe(after, "frontdesk_tool_duration_seconds", took_s, tool=tool)
        if outcome == "refused":
            reason = chance.choice(["not_verified", "over_limit", "too_often"])
            self._add(after, "frontdesk_tool_denied_total", tool=tool, reason=reason)
        if took_s > 0.7:
            self._add(after, "frontdesk_tool_fillers_total", tool=tool)
        if tool == "verify_caller":
            outcome = chance.choices(["verified", "failed"], [9, 1])[0]
            self._add(after, "frontdesk_identity_checks_total", method="zip_code", outcome=outcome)
        if chance.random() < 0.01:
            self._add(after, "frontdesk_tool_duplicates_suppressed_total", tool=tool)
        return took_s

    def _office_fails(self, after: float, tool: str) -> tuple[float, str]:
        chance = self._chance
        outcome = chance.choices(
            ["ok", "timeout", "unavailable", "breaker_open", "unknown"], [4, 3, 2, 3, 1]
        )[0]
        self._add(after, "frontdesk_tool_retries_total", tool=tool)
        if outcome != "ok":
            self._add(after, "frontdesk_tool_escalations_total", tool=tool)
        if outcome == "unknown":
            found = chance.choice(["done", "not_done", "handed_over"])
            self._add(after + 60, "frontdesk_tool_writes_settled_total", found=found)
        return (0.02 if outcome == "breaker_open" else chance.uniform(0.9, 4.5)), outcome

    def _end(self, outcome: CallOutcome) -> None:
        minutes, worker = self._lasts / 60, self._worker
        labels = {"profile": self._profile, "outcome": outcome.value}
        self._add(self._lasts, "frontdesk_calls_ended_total", 1, **labels)
        self._observe(
            self._lasts, "frontdesk_call_duration_seconds", self._lasts, direction="inbound"
        )
        self._step(self._lasts, lambda: worker.move("frontdesk_calls_active", -1))
        self._step(self._lasts, lambda: self._hour.watcher.add("frontdesk_calls_watched_total"))
        for kind, (base, each_minute) in PRICES.items():
            cost = base + each_minute * minutes
            self._add(
                self._lasts,
                "frontdesk_call_cost_usd_total",
                cost,
                profile=self._profile,
                kind=kind.value,
            )
        if outcome is CallOutcome.LIMIT and self._chance.random() < 0.3:
            self._add(self._lasts, "frontdesk_budget_stops_total", scope="call")
        if outcome is CallOutcome.FAILED:
            self._add(self._lasts, "frontdesk_clips_played_total", reason="apology")
        if outcome is CallOutcome.LOST:
            self._add(self._lasts, "frontdesk_records_closed_lost_total")
            self._add(self._lasts, "frontdesk_calls_resumed_total")
        self._add(self._lasts + 5, "frontdesk_recordings_total", result="stored")

    def _outcome(self) -> CallOutcome:
        chance = self._chance
        if self._in(MODEL_OUT) and chance.random() < 0.25:
            return CallOutcome.FAILED
        if chance.random() < 0.002:
            return CallOutcome.LOST
        return chance.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]

    def _in(self, trouble: tuple[float, float], at_s: float | None = None) -> bool:
        return during(trouble, self._at if at_s is None else at_s)

    def _step(self, after: float, deed: Deed) -> None:
        self._hour.at(self._at + after, deed)

    def _add(self, after: float, name: str, number: float = 1, **labels: str) -> None:
        self._step(after, lambda: self._worker.add(name, number, **labels))

    def _observe(self, after: float, name: str, value: float, **labels: str) -> None:
        self._step(after, lambda: self._worker.observe(name, value, **labels))


def during(trouble: tuple[float, float], at_s: float) -> bool:
    """Whether it is the time of a trouble; each hour has it."""
    return trouble[0] <= at_s % HOUR_S < trouble[1]
