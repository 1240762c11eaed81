"""By which prices the calls of a profile are paid, and what the price book does not know of them.

Read at a worker's start and at a call's; the terms go into the record with the call, so that any
worker works out the same cost.
"""

from collections.abc import Iterator
from datetime import date

from agent.profile import Profile
from configs import Mistake
from records.costing import Terms
from records.prices import PriceBook, in_force
from records.settings import RecordingStorage, Retention


def terms_of(profile: Profile, *, in_a_folder: bool, kept_days: int) -> Terms:
    """By which prices the calls of `profile` are paid.

    `in_a_folder`: recordings stay on a disk of one's own. `kept_days`: for how long.
    """
    costs = profile.costs
    return Terms(
        telephony=costs.telephony,
        platform=costs.platform,
        storage=costs.storage or ("own_disk" if in_a_folder else None),
        kept_days=kept_days,
        transcription_model=profile.transcription_model,
    )


def terms_here(profile: Profile) -> Terms:
    """The same with this worker's own storage and retention."""
    in_a_folder = not RecordingStorage().url.startswith("s3://")
    kept_days = Retention().sound_days or 0
    return terms_of(profile, in_a_folder=in_a_folder, kept_days=kept_days)


def beyond_the_book(profile: Profile, book: PriceBook, day: date) -> list[Mistake]:
    """What keeps a budget of `profile` from being kept on `day`: uses that the book cannot price.

    Without a budget nothing is wrong: such a use is told as unpriced then.
    """
    if profile.file is None or profile.budget.call is None:
        return []
    file = profile.file
    return [
        Mistake.at(file, "budget", f"cannot be kept: the price book has none for {what}; {mend}")
        for what, mend in _unpriced(profile, book, day)
    ]


def _unpriced(profile: Profile, book: PriceBook, day: date) -> Iterator[tuple[str, str]]:
    add = "add it to the file in FRONTDESK_RECORDS_PRICES"
    transcription, costs = profile.transcription_model, profile.costs
    if in_force(book.models.get(profile.model, ()), day) is None:
        yield f"model {profile.model}", add
    if transcription and in_force(book.transcription.get(transcription, ()), day) is None:
        yield f"transcription_model {transcription}", add
    carrier = book.telephony.get(costs.telephony or "", {})
    if in_force(carrier.get("inbound", ()), day) is None:
        another = f"{add}, or name another carrier"
        mend = another if costs.telephony else "name the carrier in costs.telephony"
        yield f"the minutes of {costs.telephony or 'a carrier that is not named'}", mend
    if in_force(book.platform.get(costs.platform or "", ()), day) is None:
        yield f"platform {costs.platform}", f"{add}, or name another"
