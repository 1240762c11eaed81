"""What stands about a call as a whole on its page: facts, tiles, notices.

Pure; used by `records.page.page`, which only puts it into the template.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from records.page.amounts import money, wait_of
from records.page.clock import CallClock, in_utc, label_of
from records.page.figures import DEAD_AIR, RESPONSE, spreads, totals
from records.page.words import Tone, latency_name, plain, tool_meaning
from records.view import CallView


@dataclass(frozen=True)
class Fact:
    """A name and what there is to say under it; `more` says it exactly."""

    name: str
    value: str
    more: str = ""
    tone: Tone = "calm"


def title_of(call: CallView) -> str:
    """Who spoke with whom, as the head of the page says it."""
    other = call.caller or f"a number that is {_nobody(call)}"
    return f"Call to {other}" if call.direction == "outbound" else f"Call from {other}"


def _nobody(call: CallView) -> str:
    return "withheld" if call.erased_at is None else "erased"


def tiles_of(call: CallView) -> list[Fact]:
    """The few numbers a reviewer looks for first."""
    measured = {one.name: one for one in spreads(call)}
    response, silence = measured.get(latency_name(RESPONSE)), measured.get(latency_name(DEAD_AIR))
    failed = sum(tool_meaning(use.outcome)[0] == "bad" for use in call.tools)
    return [
        Fact("Length", _length(call), "from answer to end"),
        Fact("Response", wait_of(response.p50), f"p50; worst {wait_of(response.worst)}")
        if response
        else Fact("Response", "none", "no answer was waited for"),
        Fact("Dead air", wait_of(silence.total), f"longest {wait_of(silence.worst)}")
        if silence
        else Fact("Dead air", "none", "no silence over a second"),
        Fact("Tools", str(len(call.tools)), f"{failed} failed", "bad" if failed else "calm"),
        Fact("Cut off", str(call.interruptions), "by the caller"),
        _cost(call),
    ]


def facts_of(call: CallView, clock: CallClock) -> Iterator[Fact]:
    """Everything that is known of the call as a whole."""
    unproven = "as the carrier gave it; not proven" if call.caller else ""
    yield Fact("Caller", call.caller or _nobody(call), unproven)
    yield Fact("Dialled", call.dialled or "no telephone number")
    yield Fact("Direction", call.direction)
    yield Fact("Profile", call.profile)
    yield Fact("Model", call.model or "none")
    yield Fact("Rang", in_utc(call.started_at), clock.label(call.started_at))
    if call.answered_at is not None:
        after = f"after {call.answered_at - call.started_at:.1f} s of ringing"
        yield Fact("Answered", in_utc(call.answered_at), after)
    if call.greeted_at is not None:
        yield Fact("First word", clock.label(call.greeted_at), in_utc(call.greeted_at))
    if call.ended_at is not None:
        yield Fact("Ended", in_utc(call.ended_at), clock.label(call.ended_at))
    if call.dtmf_digits:
        yield Fact("Keys", str(call.dtmf_digits), "pressed by the caller; which ones is not kept")
    if call.apologised is not None:
        told = "another job told the caller" if call.apologised else "nobody told the caller"
        yield Fact("Apology", told)
    yield from _ids(call)


def _ids(call: CallView) -> Iterator[Fact]:
    yield Fact("Call", call.call_id)
    if call.worker or call.pid:
        yield Fact("Worker", call.worker or "not known", f"process {call.pid}")
    if call.resumes:
        yield Fact("Goes on with", call.resumes, "whose job died")
    yield Fact("Trace", call.trace_id or "none")
    if call.sip_call_id:
        yield Fact("SIP call", call.sip_call_id)


def notices_of(call: CallView, clock: CallClock) -> Iterator[Fact]:
    """What has to be known before anything else is read."""
    if call.erased_at is not None:
        gone = "Words, numbers and sound were destroyed. What is left tells of no person."
        yield Fact("Erased", gone, in_utc(call.erased_at), "bad")
    if call.ended_at is None:
        yield Fact("Not over", "The call was going on when this page was written.", tone="care")
    if call.answered_at is None:
        never = "Nobody answered; all times count from its beginning."
        yield Fact("Not answered", never, in_utc(clock.zero), "care")


def follow_ups_of(call: CallView) -> list[Fact]:
    """What staff have to do, or have done."""
    return [
        Fact(
            plain(one.kind),
            "open" if one.done_at is None else f"done {in_utc(one.done_at)}",
            "" if one.promised_for is None else f"promised for {in_utc(one.promised_for)}",
            "care" if one.done_at is None else "good",
        )
        for one in call.follow_ups
    ]


def _cost(call: CallView) -> Fact:
    together = " + ".join(f"{money(micro)} {currency}" for currency, micro in totals(call.cost))
    without = sum(line.unpriced for line in call.cost)
    if without:
        more = f"and {without} without a price"
        return Fact("Cost", together or "not known", more, "bad")
    more = "by the prices of its day" if call.cost else "not in the record"
    return Fact("Cost", together or "none", more)


def _length(call: CallView) -> str:
    if call.ended_at is None:
        return "not over"
    return label_of(call.ended_at - (call.answered_at or call.ended_at))
