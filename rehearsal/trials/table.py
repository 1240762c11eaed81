"""The table of faults for people: what broke, what the caller heard, what came of it. Pure."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.table import Table

from rehearsal.trials.round import Trial
from rehearsal.trials.row import Does

LONGEST_WORDS = 44


def table(trials: Iterable[Trial]) -> Table:
    """One line for each trial."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("fault", "what the caller heard", "outcome", "effects", "reconciled in", "kept"):
        shown.add_column(name, overflow="fold")
    for trial in trials:
        seen, kept = trial.seen, "[red]no[/]" if trial.breaches else "[green]yes[/]"
        took = "" if seen.reconciled_s is None else f"{seen.reconciled_s:.0f} s"
        outcome = ", ".join(seen.outcomes) or "none"
        shown.add_row(trial.row.name, heard(trial), outcome, str(seen.effects), took, kept)
    return shown


def heard(trial: Trial) -> str:
    """What the caller heard, in few words."""
    seen = trial.seen
    if seen.dead:
        after_s = seen.spoken_to_s
        return "(nothing)" if after_s is None else f"(somebody spoke after {after_s:.1f} s)"
    if trial.row.does is Does.HANGS_UP:
        return "(hung up)"
    words = seen.words
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS].rstrip()}..."


def repeated(trials: Sequence[Trial], names: Iterable[str]) -> Table:
    """One line for each row that was repeated: how often, and what came of it how often."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in ("fault", "times", "told", "effects", "reconciled in, at most", "not kept"):
        shown.add_column(name, overflow="fold")
    for name in names:
        of_row = [trial for trial in trials if trial.row.name == name]
        told = _counted(trial.seen.told.value for trial in of_row)
        effects = _counted(str(trial.seen.effects) for trial in of_row)
        open_s = [t.seen.reconciled_s for t in of_row if t.seen.reconciled_s is not None]
        longest = f"{max(open_s):.0f} s ({len(open_s)} times)" if open_s else ""
        broken = sum(bool(trial.breaches) for trial in of_row)
        shown.add_row(name, str(len(of_row)), told, effects, longest, str(broken))
    return shown


def _counted(values: Iterable[str]) -> str:
    found = list(values)
    return ", ".join(f"{value}: {found.count(value)}" for value in sorted(set(found)))
