"""What the model is told before it says its first word."""

from datetime import UTC, datetime

from agent.profile import Profile
from agent.session import make_agent

LATE_IN_UTC = datetime(2026, 11, 26, 4, 30, tzinfo=UTC)


def test_the_model_knows_which_day_it_is_at_the_company() -> None:
    """Callers say "on Friday"; in California it is still Wednesday."""
    profile = Profile(
        name="acme",
        numbers=("+15557654321",),
        persona="Be brief.",
        opening="Hello.",
        timezone="America/Los_Angeles",
    )

    told = make_agent(profile, [], now=LATE_IN_UTC).instructions

    assert told == "Be brief.\nToday is Wednesday, 2026-11-25; it is 20:30.\n"
