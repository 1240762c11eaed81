"""What the caller hears while a tool works, and while it waits for their keys.

Owned by `agent.conversation`. A tool that takes longer than a breath is bridged by a sentence,
again and again; digits that no model may learn are asked for by a fixed one, with the caller's
voice kept from the model until they are there.
"""

import time
from collections.abc import Callable, Sequence

from livekit.agents import AgentSession

from agent.reports import Happened, Report
from agent.speaking import Speaker
from agent.watch import Line
from tools.keypad import Secret


class Waiting:
    """The waits of one call. `pause` hears what is awaited, and None once nothing is any more."""

    def __init__(
        self,
        *,
        session: AgentSession[None],
        line: Line,
        speaker: Speaker,
        tell: Callable[[Report], None],
        pause: Callable[[Secret | None], None],
    ) -> None:
        self._pause = pause
        self._session, self._line, self._speaker, self._tell = session, line, speaker, tell
        self._running: tuple[str, ...] = ()
        self._secret: Secret | None = None

    def tools_running(self, names: Sequence[str]) -> None:
        """Which tools run now; none once the last one has ended."""
        now = time.monotonic()
        if names and not self._running:
            self._line.tool_started(now)
        elif not names:
            self._line.tool_ended(now)
        self._running = tuple(names)

    def keys_awaited(self, secret: Secret | None) -> None:
        """The caller is to enter `secret`; None: they need not any more."""
        self._secret = secret
        now = time.monotonic()
        if secret is not None:
            self._line.keys_wanted(now)
        else:
            self._line.keys_over(now)
        # Whoever says their PIN aloud is heard by nobody, and not recorded.
        self._session.input.set_audio_enabled(secret is None)
        self._pause(secret)
        if secret is None:
            # Whoever knows what to press need not hear the sentence out.
            self._speaker.hush()

    async def bridge(self) -> None:
        """Fill a silence; another sentence the second time."""
        for tool in self._running:
            self._tell(Happened(what="filler", why=tool))
        again = self._running and self._line.bridged_at is not None
        await self._play("still_working" if again else "one_moment")
        self._line.bridged_at = self._speaker.sound_ended_at

    async def ask_for_keys(self) -> None:
        """Say what is to be entered, unless it has been meanwhile."""
        if self._secret is not None:
            if self._line.keys_asked_at is not None:
                self._tell(Happened(what="reprompt", why="keys"))
            await self._play(self._secret.value)
            self._line.keys_asked_at = time.monotonic()

    async def _play(self, clip: str) -> None:
        """Beside a reply under way, behind which the session would queue a clip."""
        if self._session.current_speech is None:
            await self._speaker.say(clip, cut_in=False)
        else:
            await self._speaker.say_beside(clip)
