"""Who keeps a call in tests: nothing is recorded, nobody has to be asked, every word is kept."""

from collections.abc import Callable

from agent.budget import CallBudget
from agent.keeping import Keeper
from agent.profile import Profile
from agent.reports import Report
from agent.terms import terms_of
from records import Journal
from records.consent import Owed, Policy
from records.prices import PriceBook
from records.redaction import Listener, Redactor, Secrets

NOTHING_OWED = Owed(Policy.NONE, "US-OR", "for a test")


def keeper_of(
    journal: Journal,
    profile: Profile,
    tell: Callable[[Report], None] = lambda _: None,
    secrets: Secrets | None = None,
) -> Keeper:
    """The keeper of a call that begins now."""
    budget = CallBudget(
        book=PriceBook(currency="USD"),
        terms=terms_of(profile, in_a_folder=True, kept_days=0),
        limit_micro=None,
        started_at=0.0,
    )
    return Keeper(
        journal=journal,
        tell=tell,
        profile=profile,
        listener=Listener(Redactor(secrets=secrets)),
        budget=budget,
        recording=None,
    )
