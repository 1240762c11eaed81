"""Whether a row kept its promises: what was seen, against what is promised of every row. Pure.

At most one effect for a wish, exactly one where the caller was told that it is done, none where
told that it is not; whatever nobody knew the end of is found out within a minute; nobody waits in
silence.
"""

from collections.abc import Iterator

from records.ledger import DONE, UNKNOWN
from rehearsal.phone.measure import DEAD_AIR_S
from rehearsal.trials.row import Does, Row, Told
from rehearsal.trials.seen import Seen

RECONCILED_WITHIN_S = 60.0


def breaches(row: Row, seen: Seen) -> list[str]:
    """Every promise that was not kept, in words; none of them is the row passed."""
    return [*_told(row, seen), *_effects(row, seen), *_kept(row, seen), *_heard(seen)]


def _told(row: Row, seen: Seen) -> Iterator[str]:
    if seen.complaint:
        yield seen.complaint
    if seen.told not in row.may_hear:
        may = " or ".join(sorted(row.may_hear))
        yield f"the caller was told {seen.told.value!r} ({', '.join(seen.outcomes)}), not {may}"


def _effects(row: Row, seen: Seen) -> Iterator[str]:
    if row.does is Does.LOOKS_UP:
        if seen.effects:
            yield f"a look-up left {seen.effects} effects"
        return
    if seen.effects > 1:
        yield f"{seen.effects} effects for one wish"
    if seen.told is Told.DONE and seen.effects != 1:
        yield f"told that it is done, with {seen.effects} effects"
    if seen.told is Told.NOT_DONE and seen.effects != 0:
        yield f"told that it is not done, with {seen.effects} effects"


def _kept(row: Row, seen: Seen) -> Iterator[str]:
    if any(outcome in (None, UNKNOWN) for outcome in seen.kept):
        yield f"nobody has found out what became of it within {RECONCILED_WITHIN_S:g} s"
    elif row.does is not Does.LOOKS_UP and (DONE in seen.kept) != (seen.effects > 0):
        yield f"the ledger says {', '.join(map(str, seen.kept)) or 'nothing'}, the office not so"
    if seen.reconciled_s is not None and seen.reconciled_s > RECONCILED_WITHIN_S:
        yield f"found out after {seen.reconciled_s:.0f} s"


def _heard(seen: Seen) -> Iterator[str]:
    if seen.silences:
        yield f"silence of {', '.join(f'{silence:.1f} s' for silence in seen.silences)}"
    if seen.dead and seen.spoken_to_s is None:
        yield "nobody spoke to the caller"
    elif seen.spoken_to_s is not None and not 0 < seen.spoken_to_s < DEAD_AIR_S:
        yield f"somebody spoke after {seen.spoken_to_s:.1f} s"
