"""A tool that somebody else's MCP server has, used by a caller on the phone."""

from records import CallOutcome
from tests.e2e.desk import HANG_UP, HELPDESK_DID, Desk, Plan
from tests.e2e.shipped import TICKET_PLEASE
from tests.integration.remote.serving import Tickets

ASK = {"say": TICKET_PLEASE, "at_s": 2.2}


async def test_a_caller_opens_a_ticket_at_somebody_elses_server(
    brief: Desk, tickets: Tickets
) -> None:
    """Asked for, read back, agreed to, done once, and the caller hears so."""
    plan = Plan(steps=[ASK, {"say": "yes please"}, HANG_UP], dial=HELPDESK_DID)

    made = await brief.made(plan)

    assert [(use.tool, use.outcome) for use in made.call.tools] == [
        ("helpdesk_create_ticket", "needs_yes"),
        ("helpdesk_create_ticket", "ok"),
    ]
    assert "Shall I open a ticket about a flat tire?" in made.said
    assert "I have opened a ticket." in made.said
    assert tickets.done == ["desk a flat tire -"]
    assert made.silences == []
    assert made.call.outcome is CallOutcome.COMPLETED
