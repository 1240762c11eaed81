"""`make call`: one command, its lines, its files and its exit code."""

import asyncio
from pathlib import Path

from tests.e2e.newcomer import Shown

WAV_HEADER_BYTES = 44


async def test_a_call_is_shown_in_plain_lines_and_succeeds(
    newcomer: "asyncio.Task[Shown]",
) -> None:
    """Without a terminal: no colours, what happened in its order, where everything lies."""
    shown = await newcomer

    assert shown.exit_code == 0, shown.output
    assert "\x1b" not in shown.output
    happened = ["ringing", "answered", "you have dialled", "ended", "got what they called for"]
    places = [shown.output.find(words) for words in happened]
    assert places == sorted(places), shown.output
    assert -1 not in places, shown.output
    assert str(leg(shown.runs)) in shown.output


def leg(runs: Path) -> Path:
    """The caller's leg of the only run, which has sound in it."""
    (wav,) = runs.glob("*/caller-leg.wav")
    assert wav.stat().st_size > WAV_HEADER_BYTES
    return wav
