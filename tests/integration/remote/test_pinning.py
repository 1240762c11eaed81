"""`python -m tools import mcp`: what servers tell of listed tools, in a file beside the profile."""

import asyncio
import json
import sys

import pytest
import yaml

from configs import ConfigError
from tests.integration.remote.serving import TOOLS, Tickets
from tests.integration.remote.tickets import HOSTILE
from tools.remote import read_pins
from tools.remote.pinning import pin


async def imported(tickets: Tickets, *words: str) -> tuple[int, str, str]:
    """The command: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools", "import", "mcp", str(tickets.profile), *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def declaring(tickets: Tickets, **server: object) -> None:
    """The profile, with its server declared otherwise."""
    declared = yaml.safe_load(tickets.profile.read_text(encoding="utf-8"))
    declared["mcp_servers"][0] |= server
    tickets.profile.write_text(yaml.safe_dump(declared), encoding="utf-8")


async def test_an_operator_sees_what_was_pinned_and_what_is_left_out(tickets: Tickets) -> None:
    """The file holds the listed tools and no others."""
    code, out, err = await imported(tickets)

    assert (code, err) == (0, "")
    assert "helpdesk_create_ticket: as before; the model fills title, urgency\n" in out
    assert "helpdesk: not listed, so not offered: delete_all\n" in out
    assert set(json.loads(tickets.profile.with_suffix(".mcp.json").read_text())["helpdesk"]) == {
        *TOOLS
    }


async def test_a_change_is_shown_and_believed_once_somebody_accepts_it(tickets: Tickets) -> None:
    """Until then the file is as it was, and calls refuse the tool."""
    await tickets.end()
    await tickets.start("--about", HOSTILE)

    code, out, err = await imported(tickets)

    assert (code, "accept it by --accept" in err) == (1, True)
    assert '-  "description": "Create a ticket."' in out
    assert f'+  "description": "{HOSTILE}"' in out
    pinned = read_pins(tickets.profile)["helpdesk"]["create_ticket"]
    assert pinned.description == "Create a ticket."

    code, out, err = await imported(tickets, "--accept")

    assert (code, err) == (0, "")
    assert "helpdesk_create_ticket: changed, and accepted; the model fills title, urgency" in out
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
    declaring(tickets, tools={"erase_everything": {"effect": "read"}})

    with pytest.raises(ConfigError, match="no such tool; it has: create_ticket, delete_all, find"):
        await pin(tickets.profile)


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ({"key_variable": "HELPDESK_KEY"}, "key_variable: HELPDESK_KEY is not in the environment"),
        ({"url": None, "command": ["no-such-mcp"]}, "command: there is no program no-such-mcp"),
    ],
)
async def test_what_this_machine_lacks_is_told_before_anybody_is_asked(
    tickets: Tickets, monkeypatch: pytest.MonkeyPatch, server: dict[str, object], says: str
) -> None:
    """Else the server would be blamed."""
    monkeypatch.delenv("HELPDESK_KEY", raising=False)
    declaring(tickets, **server)

    with pytest.raises(ConfigError, match=says):
        await pin(tickets.profile)


async def test_a_file_that_cannot_be_written_is_told_and_stays(tickets: Tickets) -> None:
    """A sentence, and yesterday's pins."""
    before = tickets.profile.with_suffix(".mcp.json").read_text()
    tickets.profile.with_suffix(".mcp.new").mkdir()

    code, out, err = await imported(tickets)

    assert (code, out) == (1, "")
    assert "acme.mcp.new cannot be written: Is a directory" in err
    assert tickets.profile.with_suffix(".mcp.json").read_text() == before


async def test_pins_that_cannot_be_read_are_not_overwritten(tickets: Tickets) -> None:
    """Nobody knows then what has changed; a conflict of two branches looks like that."""
    pins = tickets.profile.with_suffix(".mcp.json")
    pins.write_text("<<<<<<< HEAD")

    code, out, err = await imported(tickets)

    assert (code, out) == (1, "")
    assert "acme.mcp.json holds no pinned tools" in err
    assert "delete what is there to pin anew" in err
    assert pins.read_text() == "<<<<<<< HEAD"
