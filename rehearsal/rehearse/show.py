"""`make call`: brings up the stack, makes one call, shows it live, says what came of it.

Run by `python -m rehearsal call`. Returns whether the caller's goal was met; errors come out as
one sentence each, raised by whoever knows the fix.
"""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from records.view import ToolUse, Turn
from rehearsal.phone.events import Answered, PhoneEvent
from rehearsal.rehearse.callscript import CallScript
from rehearsal.rehearse.keepsake import keepsake
from rehearsal.rehearse.live import Line, Told, follow
from rehearsal.rehearse.play import Played, play
from rehearsal.rehearse.summary import rows, waveform
from rehearsal.stack import Stack
from rehearsal.stack.calls import open_calls

PHONE_WAV = "caller-leg.wav"
_COLOURS = {"caller": "cyan", "agent": "green", "tool": "yellow", "ended": "dim", "ringing": "dim"}


async def show_call(script: CallScript, console: Console) -> bool:
    """Make the call of `script` on a stack of its own; whether its goal was met."""
    console.print(f"[bold]{script.title}[/]", highlight=False)
    console.print("The model is scripted (rehearsal/model), not a language model.", style="dim")

    def ready(part: str, seconds: float) -> None:
        console.print(f"  {part} ready after {seconds:.1f} s", style="dim", highlight=False)

    async with Stack.start(brain=script.brain, on_ready=ready) as stack:
        return await stack.unless_dies(_call(stack, script, console))


async def _call(stack: Stack, script: CallScript, console: Console) -> bool:
    told = Told()

    def lines(found: Any) -> None:
        for line in found:
            _print(console, line)

    def on_event(event: PhoneEvent) -> None:
        if isinstance(event, Answered) and told.invited_at is None:
            told.invited_at = time.time() - event.at_s
        lines(told.phone(event))

    def on_record(found: Turn | ToolUse) -> None:
        lines(told.turn(found) if isinstance(found, Turn) else told.tool(found))

    console.print(f"calling {script.caller.dial}", highlight=False)
    async with open_calls(stack.records) as calls:
        following = asyncio.create_task(follow(calls, on_record))
        try:
            played = await play(stack, script, on_event=on_event)
            # What came last is told before the summary.
            await asyncio.sleep(0.5)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    wav = stack.folder / PHONE_WAV
    played.result.call.timeline.save(wav)
    page = await keepsake(stack, played.record.call_id) if played.record else None
    _summary(console, played, stack, page)
    return played.met


def _print(console: Console, line: Line) -> None:
    at, who, words = line
    time = f"{at:7.2f}" if at is not None else " " * 7
    colour = _COLOURS.get(who, "")
    console.print(f"{time}  {who:<9}{words}", style=colour, markup=False, highlight=False)


def _summary(console: Console, played: Played, stack: Stack, page: Path | None) -> None:
    console.print()
    for who, bars in zip(("caller", "agent"), waveform(played.result.call), strict=True):
        console.print(f"{who:<8}{bars}", style=_COLOURS[who], markup=False, highlight=False)
    lying = [("logs", stack.folder / "logs"), ("caller's leg", stack.folder / PHONE_WAV)]
    for name, value in [*rows(played), *lying]:
        console.print(f"{name:<32}{value}", markup=False, highlight=False)
    console.print()
    if played.result.gave_up:
        console.print(f"  ✗ the caller gave up: {played.result.gave_up}", style="red", markup=False)
    for finding in played.findings:
        mark, style = ("✓", "green") if finding.met else ("✗", "red")
        console.print(f"  {mark} {finding.says}", style=style, markup=False, highlight=False)
    verdict = "got" if played.met else "did not get"
    console.print(f"The caller {verdict} what they called for.", style="bold")
    if page:
        env = stack.folder / "records.env"
        looked = f". {env} && .venv/bin/python -m records list"
        console.print(f"Look further: {looked}", style="dim", markup=False, soft_wrap=True)
        console.print(f"The call's page: {page}", markup=False, soft_wrap=True)
