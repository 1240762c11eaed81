"""Puts the reports of jobs into the parent's series, under names that only profiles can add to.

Called by the lifeline for each report, with the call that it belongs to. A job never sends the name
of a model: which one a call speaks to stands in its profile, and the parent has read those itself.
"""

from collections.abc import Mapping
from typing import get_args

from agent import metrics
from agent.profile import Profile
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
from records import CallOutcome

UNKNOWN = "unknown"
"""Profile or model of a call whose profile this parent has not read."""

METHODS = {"verify_caller": "zip_code", "verify_by_pin": "pin", "check_code": "code"}
"""How a tool proves who is calling."""
_PROOFS = {"not_verified": "failed", "no_match": "failed", "locked": "locked"}

_HISTOGRAMS = {
    "answer": metrics.ANSWER_SECONDS,
    "greeting": metrics.GREETING_SECONDS,
    "model_first_audio": metrics.MODEL_FIRST_AUDIO_SECONDS,
}
_PLAIN = {
    "interruption": metrics.INTERRUPTIONS,
    "audio_underrun": metrics.AUDIO_UNDERRUNS,
    "entry_lost": metrics.RECORD_ENTRIES_LOST,
}
_BY_REASON = {
    "clip": metrics.CLIPS_PLAYED,
    "filler": metrics.TOOL_FILLERS,
    "turn": metrics.TURNS,
    "reprompt": metrics.REPROMPTS,
    "dead_air": metrics.DEAD_AIR_EVENTS,
    "model_error": metrics.MODEL_ERRORS,
    "budget_stop": metrics.BUDGET_STOPS,
    "recording": metrics.RECORDINGS,
    "redaction": metrics.REDACTIONS,
}


class Counting:
    """Counts for a worker with these profiles."""

    def __init__(self, profiles: Mapping[str, Profile]) -> None:
        self._profiles = profiles
        _begin_at_zero(profiles)

    def count(self, report: Report, call: CallStarted | None) -> None:
        """Put one report into the series it belongs to; `call` is whose it is, if it told."""
        profile = self._profiles.get(call.profile) if call else None
        model = profile.model if profile else UNKNOWN
        match report:
            case Timed():
                _time(report, model)
            case Happened(what="model_reconnect"):
                metrics.MODEL_RECONNECTS.labels(model=model).inc(report.times)
            case Spent():
                _spend(report, profile)
            case CallEnded():
                _end(report, profile.name if profile else UNKNOWN)
            case _:
                _count_anybodys(report)


def _begin_at_zero(profiles: Mapping[str, Profile]) -> None:
    """Have the series there that alarms look at: of one that begins at 1 no increase is seen."""
    for profile in profiles:
        for outcome in CallOutcome:
            metrics.CALLS_ENDED.labels(profile=profile, outcome=outcome.value)
    for cause in get_args(Cause):
        metrics.DEAD_AIR_EVENTS.labels(cause)
    for scope in ("call", "day"):
        metrics.BUDGET_STOPS.labels(scope)
    for result in ("stored", "failed"):
        metrics.RECORDINGS.labels(result)
    for effect in ("fatal", "recoverable", "failed_response"):
        metrics.MODEL_ERRORS.labels(effect)


def _count_anybodys(report: Report) -> None:
    """Count what is told apart neither by profile nor by model."""
    match report:
        case CallStarted():
            metrics.CALLS_STARTED.labels(direction="inbound").inc()
            metrics.CALLS_RESUMED.inc(report.resumed)
        case Happened():
            _happened(report)
        case DeadAir():
            metrics.DEAD_AIR_SECONDS.labels(cause=report.cause).observe(report.seconds)
        case Lagged():
            for seconds in report.worst_s:
                metrics.EVENT_LOOP_LAG_SECONDS.observe(seconds)
        case ToolUsed():
            _count_use(report)
        case Consented():
            metrics.CONSENT.labels(policy=report.policy, answer=report.answer).inc()


def _time(timed: Timed, model: str) -> None:
    match timed.what:
        case "turn_response":
            used = "yes" if timed.tool_used else "no"
            metrics.TURN_RESPONSE_SECONDS.labels(tool_used=used).observe(timed.seconds)
        case "turn_first_sound":
            metrics.TURN_FIRST_SOUND_SECONDS.labels(sound=timed.sound).observe(timed.seconds)
        case "model_connect":
            metrics.MODEL_CONNECT_SECONDS.labels(model=model).observe(timed.seconds)
        case what:
            _HISTOGRAMS[what].observe(timed.seconds)


def _happened(happened: Happened) -> None:
    if happened.what in _PLAIN:
        _PLAIN[happened.what].inc(happened.times)
    else:
        _BY_REASON[happened.what].labels(happened.why).inc(happened.times)


def _count_use(use: ToolUsed) -> None:
    metrics.TOOL_USES.labels(tool=use.tool, outcome=use.outcome).inc()
    metrics.TOOL_SECONDS.labels(tool=use.tool).observe(use.seconds)
    metrics.TOOL_REQUESTS.labels(tool=use.tool).inc(use.tries)
    metrics.TOOL_RETRIES.labels(tool=use.tool).inc(use.retries)
    metrics.TOOL_ESCALATIONS.labels(tool=use.tool).inc(use.escalated)
    if use.outcome == "refused":
        metrics.TOOL_DENIED.labels(tool=use.tool, reason=use.reason).inc()
    if use.outcome == "duplicate":
        metrics.TOOL_DUPLICATES_SUPPRESSED.labels(tool=use.tool).inc()
    if use.tool in METHODS:
        # Whoever was not heard, or pressed no key, has proved nothing and failed nothing.
        proof = "verified" if use.outcome == "ok" else _PROOFS.get(use.reason, "unfinished")
        metrics.IDENTITY_CHECKS.labels(method=METHODS[use.tool], outcome=proof).inc()


def _spend(spent: Spent, profile: Profile | None) -> None:
    name: str | None = None
    if profile is not None:
        name = profile.model if spent.by == "speech" else profile.transcription_model
    cached_text = min(spent.input_cached_text, spent.input_text)
    cached_audio = min(spent.input_cached_audio, spent.input_audio)
    tokens = {
        ("input", "text"): spent.input_text - cached_text,
        ("input", "audio"): spent.input_audio - cached_audio,
        ("input", "cached_text"): cached_text,
        ("input", "cached_audio"): cached_audio,
        ("output", "text"): spent.output_text,
        ("output", "audio"): spent.output_audio,
    }
    for (direction, kind), number in tokens.items():
        if number:
            of = {"model": name or UNKNOWN, "direction": direction, "kind": kind}
            metrics.MODEL_TOKENS.labels(**of).inc(number)


def _end(ended: CallEnded, profile: str) -> None:
    metrics.CALLS_ENDED.labels(profile=profile, outcome=ended.outcome.value).inc()
    if ended.seconds is not None:
        metrics.CALL_SECONDS.labels(direction="inbound").observe(ended.seconds)
