"""What is done about what `agent.watch` decides: sentences, questions, farewells.

Owned by `agent.conversation`, which looks at the line ten times a second. Whatever is said here is
a fixed sentence; how a call ends goes back by `end`.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.speaking import Speaker
from agent.waiting import Waiting
from agent.watch import TAIL_S, Line, Step
from records import CallOutcome


@dataclass(frozen=True)
class Ending:
    """How a call ended and, for the operator, why."""

    outcome: CallOutcome
    reason: str = ""


_FAREWELLS = {
    Step.END_LIMIT: ("time_is_up", Ending(CallOutcome.LIMIT)),
    Step.END_BUDGET: ("budget_over", Ending(CallOutcome.LIMIT, "the call's budget is spent")),
    Step.APOLOGISE: ("apology", Ending(CallOutcome.FAILED, "the model was lost")),
}


class Acting:
    """Takes the steps of one call. `ask_model` has the model say something; `end` ends the call."""

    def __init__(
        self,
        *,
        line: Line,
        speaker: Speaker,
        waiting: Waiting,
        ask_model: Callable[[], None],
        end: Callable[[Ending], None],
    ) -> None:
        self._line, self._speaker, self._waiting = line, speaker, waiting
        self._ask_model, self._end = ask_model, end
        self._goodbyes_cut = 0
        self.farewell: Ending | None = None
        """How the call ends, while the sentence that says so is being heard."""

    def caller_is_there(self) -> None:
        """They said something: whoever falls silent again is asked anew."""
        self._goodbyes_cut = 0

    async def take(self, step: Step) -> None:
        """Do what was decided; returns once it was heard."""
        match step:
            case Step.BRIDGE:
                await self._waiting.bridge()
                self._silence_begins()
            case Step.ASK_FOR_KEYS:
                await self._waiting.ask_for_keys()
                self._silence_begins()
            case Step.ASK_IF_THERE:
                self._line.asked += 1
                await self._speaker.say("still_there", cut_in=False)
                self._silence_begins()
            case Step.ASK_FOR_REPLY:
                self._line.result_posted_at = None
                self._line.turn_ended(time.monotonic())
                self._ask_model()
            case Step.END_SILENT:
                await self._end_silent()
            case Step.HANG_UP:
                self._end(Ending(CallOutcome.COMPLETED, "goodbye was said"))
            case Step.END_LIMIT | Step.END_BUDGET | Step.APOLOGISE:
                await self._say_and_end(*_FAREWELLS[step])

    async def emergency(self) -> None:
        """Say the one sentence; it is the answer, the model's own was cut off for it."""
        await self._speaker.say_whole("emergency")
        self._line.owed_since = None
        self._silence_begins()

    async def _end_silent(self) -> None:
        """Whoever answers "are you there" over the goodbye is there; noise gets one chance more."""
        ending = Ending(CallOutcome.CALLER_SILENT)
        if self._goodbyes_cut:
            await self._say_and_end("goodbye_silent", ending)
            return
        self.farewell = ending
        if await self._speaker.say("goodbye_silent"):
            await self._end_after_tail(ending)
            return
        self.farewell, self._line.asked = None, 0
        self._goodbyes_cut += 1
        self._silence_begins()

    async def _say_and_end(self, name: str, ending: Ending) -> None:
        self.farewell = ending
        await self._speaker.say_whole(name)
        await self._end_after_tail(ending)

    async def _end_after_tail(self, ending: Ending) -> None:
        await asyncio.sleep(TAIL_S)
        self._end(ending)

    def _silence_begins(self) -> None:
        line, ended_at = self._line, self._speaker.sound_ended_at
        line.voice_ended_at = max(line.voice_ended_at, ended_at)
