"""A real call in which a card and a telephone number are spoken and a PIN is pressed: all of it is
searched for in everything that worker and watcher leave.
"""

import asyncio
from pathlib import Path

import httpx
import pytest_asyncio

from rehearsal.rehearse.keepsake import sound_of
from tests.e2e.desk import HANG_UP, Desk, Plan
from tests.e2e.made import Made
from tests.e2e.shipped import CARD_PLEASE
from tests.e2e.test_one_call import seconds, voices_s
from tests.integration.canary.searching import Search

CALLER = "+15550004711"
PIN = "73915206"
PLANTED = (
    CARD_PLEASE,
    "four five three nine one four eight eight",
    "4539148803436467",
    "five five five two six seven",
    "5552671903",
    PIN,
    CALLER.removeprefix("+"),
)
# LiveKit's own logs hold numbers; rehearsed telephones, models and offices are no product.
OURS = ("worker", "watch")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(brief: Desk) -> Made:
    """The call."""
    await brief.reset()
    steps = [{"dtmf": PIN, "at_s": 0.2}, {"say": CARD_PLEASE, "at_s": 3.5}, HANG_UP]
    return await brief.made(Plan(steps=steps, caller=CALLER))


async def test_a_spoken_card_and_number_are_masked(made: Made) -> None:
    """And the agent has heard them: it answers."""
    heard = [turn.text for turn in made.call.turns if turn.speaker == "caller"]

    assert heard == ["my card number is [card] and my phone number is [phone]"]
    assert made.said.endswith("Thank you.")
    assert made.call.dtmf_digits == len(PIN)


async def test_nothing_of_it_is_found_in_what_the_product_leaves(brief: Desk, made: Made) -> None:
    """Logs, record and its log, spool, recordings, traces, metrics of worker and watcher."""
    search, stack = Search(PLANTED), brief.stack
    assert made.call.recording is not None
    files = [*map(stack.log, OURS), *stack.folder.glob("records.db*")]
    for folder in (
        stack.spool,
        stack.recordings,
        stack.recordings_waiting,
        stack.folder / "traces",
    ):
        files += [file for file in folder.rglob("*") if file.is_file()]
    found = {file.name: search.found(await _read(file)) for file in files}
    async with httpx.AsyncClient(trust_env=False) as client:
        for url in (stack.metrics_url, f"{stack.watch_url}/metrics"):
            found[url] = search.found((await client.get(url)).raise_for_status().content)

    assert {"worker.log", "watch.log", "records.db"} <= found.keys()
    assert {where: what for where, what in found.items() if what} == {}


async def test_the_turn_with_the_card_is_silent_in_the_recording(brief: Desk, made: Made) -> None:
    """The caller said nothing else; the agent is heard."""
    left, right = voices_s(await sound_of(brief.stack, made.call))

    assert [gap.reason for gap in made.call.gaps] == ["card_heard"]
    assert seconds(made.heard.caller) > 5
    assert left < 0.5
    assert right > 0.3


async def _read(file: Path) -> bytes:
    try:
        return await asyncio.to_thread(file.read_bytes)
    except FileNotFoundError:
        # Other calls of this stack end meanwhile.
        return b""
