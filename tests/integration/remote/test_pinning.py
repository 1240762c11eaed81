"""`python -m tools import mcp`: what servers tell of listed tools, in a file beside the profile."""

import asyncio
import json
import sys

import pytest
import yaml

from configs import ConfigError
from tests.integration.remote.conftest import TOOLS, Tickets
from tests.integration.remote.tickets import HOSTILE
from tools.remote import read_pins
from tools.remote.pinning import pin


async def imported(tickets: Tickets) -> tuple[int, str, str]:
    """The command: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools", "import", "mcp", str(tickets.profile)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_an_operator_sees_what_was_pinned_and_what_is_left_out(tickets: Tickets) -> None:
    """The file holds the listed tools and no others."""
    code, out, err = await imported(tickets)

    assert (code, err) == (0, "")
    assert "helpdesk_create_ticket: as before; the model fills title, urgency\n" in out
    assert "helpdesk: not listed, so not offered: delete_all\n" in out
    assert set(json.loads(tickets.profile.with_suffix(".mcp.json").read_text())["helpdesk"]) == {
        *TOOLS
    }


async def test_a_change_is_shown_and_believed_once_somebody_has_asked(tickets: Tickets) -> None:
    """That is what the file is in a repository for."""
    await tickets.end()
    await tickets.start("--about", HOSTILE)

    assert "helpdesk_create_ticket: CHANGED; the model fills title, urgency" in await pin(
        tickets.profile
    )
    assert read_pins(tickets.profile)["helpdesk"]["create_ticket"].description == HOSTILE


async def test_a_server_that_is_away_leaves_the_file_as_it_was(tickets: Tickets) -> None:
    """The mistake names the line where it is declared."""
    await tickets.end()

    code, out, err = await imported(tickets)

    assert (code, out) == (1, "")
    assert "acme.yaml:2: mcp_servers.0: helpdesk did not tell its tools (ConnectError)" in err
    assert set(read_pins(tickets.profile)["helpdesk"]) == {*TOOLS}


async def test_a_tool_that_is_not_there_is_told_with_those_that_are(tickets: Tickets) -> None:
    """A misspelt name is found at once."""
    declared = yaml.safe_load(tickets.profile.read_text(encoding="utf-8"))
    declared["mcp_servers"][0]["tools"] = {"read_notes": {"effect": "read"}}
    tickets.profile.write_text(yaml.safe_dump(declared), encoding="utf-8")

    with pytest.raises(ConfigError, match="no such tool; it has: create_ticket, delete_all, find"):
        await pin(tickets.profile)
