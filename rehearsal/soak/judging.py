"""Whether every call of a soak has its one record, closed, with all that happened in it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from records import CallOutcome, CallView
from rehearsal.soak.plan import Kind, Plan

NOT_KEPT = ("refused", "not_kept")


@dataclass(frozen=True)
class Made:
    """One call that was made. `complaint` is why it did not go as planned; "" if it did."""

    plan: Plan
    sip_call_id: str = ""
    complaint: str = ""


@dataclass(frozen=True)
class Judged:
    """What is wrong with the records of calls."""

    lost: tuple[str, ...] = ()
    """Calls that have no record."""
    doubled: tuple[str, ...] = ()
    """Calls with more records than one, or one for each job if theirs was killed."""
    strangers: tuple[str, ...] = ()
    """Records of calls that nobody made."""
    wrong: tuple[str, ...] = ()
    """Records that do not say what happened, with what they say."""
    unmade: tuple[str, ...] = ()
    """Calls that did not go as planned: nothing is judged of them, and nothing shown."""
    misheard: int = 0
    """Calls by telephone in which the model heard other words: of those, only that they are there
    and closed. It breaks no promise."""
    refused: int = 0
    """Calls in which a write was refused because the database was too slow to keep it first, as is
    promised then."""

    @property
    def kept(self) -> bool:
        """Whether everything is as promised."""
        return not any((self.lost, self.doubled, self.strangers, self.wrong, self.unmade))


def judge(made: Sequence[Made], records: Iterable[CallView]) -> Judged:
    """Compare what was made with what is in the record."""
    by_call: defaultdict[str, list[CallView]] = defaultdict(list)
    for record in records:
        by_call[record.sip_call_id].append(record)
    lost: list[str] = []
    doubled: list[str] = []
    wrong: list[str] = []
    misheard = refused = 0
    for one in made:
        found = by_call.pop(one.sip_call_id, [])
        own = [record for record in found if not record.resumes]
        on_with = [record for record in found if record.resumes]
        name = f"call {one.plan.number} ({one.plan.kind})"
        if one.complaint:
            continue
        if not own:
            lost.append(name)
        elif len(own) > 1 or len(on_with) > (one.plan.kind is Kind.KILLED):
            doubled.append(name)
        else:
            misheard += _is_misheard(one.plan, own[0])
            refused += _is_refused(own[0])
            wrong += [f"{name}: {what}" for what in _wrong(one.plan, own[0], on_with)]
    return Judged(
        lost=tuple(lost),
        doubled=tuple(doubled),
        strangers=tuple(record.call_id for some in by_call.values() for record in some),
        wrong=tuple(wrong),
        unmade=tuple(
            f"call {one.plan.number} ({one.plan.kind}): {one.complaint}"
            for one in made
            if one.complaint
        ),
        misheard=misheard,
        refused=refused,
    )


def _is_refused(record: CallView) -> bool:
    return any((use.outcome, use.reason) == NOT_KEPT for use in record.tools)


def _is_misheard(plan: Plan, record: CallView) -> bool:
    words = tuple(turn.text for turn in record.turns if turn.speaker == "caller")
    return plan.by_phone and words != plan.says


def _wrong(plan: Plan, own: CallView, on_with: Sequence[CallView]) -> Iterator[str]:
    if own.outcome is None or own.ended_at is None:
        yield "its record is open"
    line = "not_in_service" if plan.kind is Kind.UNKNOWN else plan.line.name
    if own.profile != line:
        yield f"its profile is {own.profile}, not {line}"
    if own.recording is not None and own.recording.stored_at is None:
        yield "its sound is not stored"
    if own.tokens and not own.cost:
        yield "it has no cost"
    if not _is_misheard(plan, own):
        yield from _happened(plan, own, on_with)


def _happened(plan: Plan, own: CallView, on_with: Sequence[CallView]) -> Iterator[str]:
    yield from _ends(own, plan.outcome)
    if plan.kind is Kind.KILLED:
        yield from _resumed(own, on_with)
    last = on_with[0] if on_with else own
    uses = tuple((use.tool, use.outcome) for use in own.tools)
    if uses != plan.uses and not _is_refused(own):
        yield f"tools were {uses}, not {plan.uses}"
    said = [turn for turn in last.turns if turn.speaker == "caller"]
    if len(said) != len(plan.says):
        yield f"the caller has {len(said)} turns, not {len(plan.says)}"
    if not all(turn.text for turn in said):
        yield "words are missing"
    # Whoever hangs up at the greeting may have been faster than its sound.
    greeted = plan.kind not in (Kind.UNKNOWN, Kind.HANGS_UP)
    if greeted and not any(turn.speaker == "agent" for turn in own.turns):
        yield "the agent has no turn"


def _resumed(own: CallView, on_with: Sequence[CallView]) -> Iterator[str]:
    if not on_with:
        yield "no job went on with it"
        return
    if on_with[0].resumes != own.call_id:
        yield "another job went on with another call"
    yield from _ends(on_with[0], CallOutcome.COMPLETED)


def _ends(record: CallView, outcome: CallOutcome) -> Iterator[str]:
    if record.outcome is not outcome:
        yield f"it ended as {record.outcome}, not {outcome}: {record.reason}"
