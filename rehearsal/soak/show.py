"""`make soak`: a stack of its own, many short calls, and whether the record has them all.

Run by `python -m rehearsal soak`. Returns whether every promise was kept.
"""

import time
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from rehearsal.soak.ending import Left, left
from rehearsal.soak.judging import Judged, Made, judge
from rehearsal.soak.making import make_all, stack_of_a_soak
from rehearsal.soak.plan import Kind, Plan, plans
from rehearsal.stack import Stack

TELL_EVERY_S = 10.0
# A telephone's call to one of text, measured: fewer at once, and each takes longer.
PHONE_WEIGHT = 4
SHOWN = 20


async def show_soak(texted: int, phoned: int, seed: int, console: Console) -> bool:
    """Make so many calls of text and by phone, print what the record has of them; whether all."""
    console.print(f"seed {seed}: `make soak SEED={seed}` makes the same calls again")
    planned = plans(texted, phoned, seed)
    progress = _Progress(console, planned)
    async with Stack.start(**stack_of_a_soak()) as stack:
        console.print(f"record, logs and recordings are in {stack.folder}", style="dim")
        began = time.monotonic()
        made = await stack.unless_dies(make_all(stack, planned, progress.tell))
        took_s = time.monotonic() - began
        ended = await stack.unless_dies(left(stack))
    judged = judge(made, ended.calls)
    console.print()
    console.print(_kinds(made, ended))
    console.print(_promises(judged, ended))
    _tell_what_is_wrong(console, judged, ended)
    kept = judged.kept and ended.settled
    says = "every promise was kept" if kept else "not every promise was kept"
    console.print(f"{len(made)} calls in {took_s / 60:.1f} min: {says}.", style="bold")
    return kept


class _Progress:
    """A line now and then, with the time that the other calls will take."""

    def __init__(self, console: Console, planned: Sequence[Plan]) -> None:
        self._console, self._planned = console, len(planned)
        self._left = float(sum(map(_weight, planned)))
        self._began = self._told = time.monotonic()
        self._done, self._spent, self._unmade = 0, 0.0, 0

    def tell(self, made: Made) -> None:
        """One more is over."""
        self._done += 1
        self._unmade += bool(made.complaint)
        self._spent += _weight(made.plan)
        self._left -= _weight(made.plan)
        now = time.monotonic()
        if now - self._told < TELL_EVERY_S and self._done < self._planned:
            return
        self._told = now
        left_min = (now - self._began) / self._spent * self._left / 60
        wrong = f", {self._unmade} not as planned" if self._unmade else ""
        self._console.print(
            f"{self._done:4}/{self._planned} calls{wrong}  [about {left_min:.1f} min left]",
            markup=False,
            highlight=False,
        )


def _weight(plan: Plan) -> int:
    return PHONE_WEIGHT if plan.by_phone else 1


def _kinds(made: Sequence[Made], ended: Left) -> Table:
    """One line for each kind of call: how often, and how their records ended."""
    records = {call.sip_call_id: call for call in ended.calls if not call.resumes}
    shown = _table("call", "by text", "by phone", "ended as")
    for kind in Kind:
        of_kind = [one for one in made if one.plan.kind is kind]
        found = [records.get(one.sip_call_id) for one in of_kind]
        outcomes = Counter(str(one.outcome) if one else "no record" for one in found)
        by_phone = sum(one.plan.by_phone for one in of_kind)
        told = ", ".join(f"{name}: {number}" for name, number in outcomes.most_common())
        shown.add_row(kind, str(len(of_kind) - by_phone), str(by_phone), told)
    return shown


def _promises(judged: Judged, ended: Left) -> Table:
    shown = _table("promise", "not kept")
    for promise, broken in (
        ("each call has a record", len(judged.lost)),
        ("each has one only", len(judged.doubled)),
        ("there is no record of anything else", len(judged.strangers)),
        ("each record says what happened", len(judged.wrong)),
        (f"{ended.compared} series say what the records do", len(ended.differences)),
        ("nothing waits in spool and recordings", len(ended.waiting)),
        ("each call went as planned", len(judged.unmade)),
    ):
        shown.add_row(promise, f"[red]{broken}[/]" if broken else "[green]0[/]")
    notes = []
    if judged.misheard:
        notes.append(f"{judged.misheard} callers by phone were misheard by the scripted model")
    if judged.refused:
        notes.append(
            f"{judged.refused} writes were refused: the database was too slow to keep them"
        )
    shown.caption = "\n".join(notes) or None
    return shown


def _tell_what_is_wrong(console: Console, judged: Judged, ended: Left) -> None:
    told = (
        *(f"no record: {call}" for call in judged.lost),
        *(f"more than one record: {call}" for call in judged.doubled),
        *(f"nobody's record: {call}" for call in judged.strangers),
        *judged.wrong,
        *(f"{d.series}: {d.counted:g} counted, {d.recorded:g} recorded" for d in ended.differences),
        *ended.waiting,
        *judged.unmade,
    )
    for line in told[:SHOWN]:
        console.print(f"  ✗ {line}", style="red", markup=False, highlight=False)
    if len(told) > SHOWN:
        console.print(f"  and {len(told) - SHOWN} more", style="red")


def _table(*columns: str) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    return shown
