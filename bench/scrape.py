"""What one scrape of the worker's metrics costs after ten calls, and after ten thousand.

The parent's registry is fed with the reports of calls that do everything a call can do, a part of
it each; then the page that Prometheus gets is written, again and again. Neither its time nor its
size may grow with the number of calls that were ever made.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import get_args

from prometheus_client import REGISTRY, generate_latest

from agent import metrics
from agent.counting import Counting
from agent.profile import Profile, load_profiles
from agent.reports import (
    CallEnded,
    CallStarted,
    Cause,
    Consented,
    DeadAir,
    Happened,
    Lagged,
    Report,
    Spent,
    Timed,
    ToolUsed,
)
from agent.voice import NAMES
from records import CallOutcome
from rehearsal import __path__ as rehearsal_path
from tools import Outcome
from tools.verdict import Verdict

FEW, MANY = 10, 10_000
SCRAPES = 20
PROFILES = Path(rehearsal_path[0]) / "profiles"
# As many kinds as records and prices tell apart at most.
KINDS = tuple(f"kind_{number}" for number in range(10))
SECONDS = (0.004, 0.08, 0.6, 1.4, 3.5, 30.0)


@dataclass(frozen=True)
class Scrape:
    """One scrape: the quickest of SCRAPES, and what it told."""

    ms: float
    size_bytes: int
    series: int


def scrape_cost() -> tuple[Scrape, Scrape]:
    """A scrape after FEW calls, and one after MANY."""
    profiles = load_profiles(PROFILES)
    feed(profiles, range(FEW))
    few = _scrape()
    feed(profiles, range(FEW, MANY))
    return few, _scrape()


def feed(profiles: Mapping[str, Profile], calls: range) -> None:
    """Count the reports of these calls; any FEW of them in a row do everything once."""
    counting = Counting(profiles)
    names = sorted(profiles)
    everything = list(reports(profiles))
    for number in calls:
        started = CallStarted(
            call_id=f"call-{number}", room=f"room-{number}", profile=names[number % len(names)]
        )
        counting.count(started, started)
        for report in islice(everything, number % FEW, None, FEW):
            counting.count(report, started)
        for name in names:
            # Whoever answers: each profile sees each end.
            outcome = list(CallOutcome)[number % len(CallOutcome)]
            of = started.model_copy(update={"profile": name})
            counting.count(CallEnded(outcome=outcome, seconds=float(number % 900)), of)
            metrics.CALL_COST_USD.labels(profile=name, kind=KINDS[number % len(KINDS)]).inc()


def reports(profiles: Mapping[str, Profile]) -> Iterator[Report]:
    """Every report that a call of these profiles can make, with every label."""
    seconds = cycle(SECONDS)
    for what in get_args(Timed.model_fields["what"].annotation):
        for used in (True, False):
            yield Timed(what=what, seconds=next(seconds), tool_used=used)
    yield Timed(what="turn_first_sound", seconds=next(seconds), sound="clip")
    for cause in get_args(Cause):
        yield DeadAir(cause=cause, seconds=next(seconds))
        yield Happened(what="dead_air", why=cause)
    for what, whys in _HAPPENINGS.items():
        for why in whys:
            yield Happened.model_validate({"what": what, "why": why})
    yield Lagged(worst_s=SECONDS[:4])
    for by in ("speech", "transcription"):
        every = dict.fromkeys(("input_text", "input_audio", "output_text", "output_audio"), 100)
        cached = {"input_cached_text": 10, "input_cached_audio": 10}
        yield Spent.model_validate({"by": by, **every, **cached})
    for policy in get_args(Consented.model_fields["policy"].annotation):
        for answer in get_args(Consented.model_fields["answer"].annotation):
            yield Consented(policy=policy, answer=answer)
    for tool in sorted({name for profile in profiles.values() for name in profile.offered}):
        yield Happened(what="filler", why=tool)
        yield from _uses(tool)


def _uses(tool: str) -> Iterator[Report]:
    for outcome in Outcome:
        yield ToolUsed(tool=tool, outcome=outcome.value, reason="not_verified", seconds=0.2)
    for verdict in Verdict:
        reason = verdict.value
        yield ToolUsed(tool=tool, outcome="refused", reason=reason, seconds=0.2, tries=2)


_HAPPENINGS: Mapping[str, tuple[str, ...]] = {
    "interruption": ("",),
    "clip": NAMES,
    "turn": ("caller", "agent"),
    "reprompt": ("silence", "keys"),
    "audio_underrun": ("",),
    "model_error": ("fatal", "recoverable", "failed_response"),
    "model_reconnect": ("",),
    "budget_stop": ("call", "day"),
    "entry_lost": ("",),
    "recording": ("failed",),
    "redaction": KINDS,
}


def _scrape() -> Scrape:
    took = []
    for _ in range(SCRAPES):
        began = time.perf_counter()
        page = generate_latest(REGISTRY)
        took.append(time.perf_counter() - began)
    series = sum(line[:1].isalpha() for line in page.decode().splitlines())
    return Scrape(min(took) * 1000, len(page), series)
