"""What a caller hears, told while the call runs: response times, silences, and what held them up.

Owned by `agent.conversation`, which tells it what session and model say; the agent's sound comes
from where it leaves (`agent.playout`, `agent.voice`). Decisions are made in `agent.heard` and
`agent.turns`; here they become reports and lines of the journal, ten times a second.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from livekit import rtc

from agent.audible import APART_S, Sound, Sounding
from agent.heard import DEAD_S, Heard, Silence, cause_of
from agent.keeping import AGENT, Keeper
from agent.reports import DeadAir, Happened, Lagged, Report, Timed
from agent.turns import TurnClock, on_the_wall
from agent.voice import Clip
from agent.watch import Line
from records import Journal

TICK_S = 0.1
TICKS_PER_WORST = 10
WORST_PER_REPORT = 5
# The sound of an answer may be noticed before the session says that it leaves.
EARLY_S = 0.25
STILL_THERE = "still_there"


class Voice(Protocol):
    """Where the agent's sound leaves."""

    sounding: Sounding
    underruns: int
    on_sound: Callable[[Sound], None]
    """Called on the call's event loop when sound begins."""


class Ears:
    """The ears of one call. Times are monotonic seconds."""

    def __init__(
        self,
        line: Line,
        *,
        journal: Journal,
        keeper: Keeper,
        tell: Callable[[Report], None],
        clip_sounds: Callable[[], bool],
    ) -> None:
        self.clock = TurnClock()
        self._beside = Sounding()
        self._line, self._journal, self._tell, self._clip_sounds = line, journal, tell, clip_sounds
        self._keeper = keeper
        self._heard = Heard()
        self._voice: Voice | None = None
        self._underruns = 0
        self._answer_leaves_at: float | None = None
        self._answer_sound_at: float | None = None
        self._answer_from: float | None = None
        self._caller_from: float | None = None
        self._caller_until: float | None = None
        self._greeted = False
        self.greeting_due_at: float | None = None
        """When the caller began to wait for the greeting: at the answer, or once they agreed."""
        self._lags: list[float] = []
        self._worst: list[float] = []

    def listen_to(self, voice: Voice) -> None:
        """Hear what leaves through `voice`."""
        self._voice = voice
        voice.on_sound = self._on_sound

    def answered(self, at: float) -> None:
        """The line is up: from now on silence is heard."""
        self._heard.answered(at)
        self.greeting_due_at = at

    def caller_began(self, at: float) -> None:
        """The caller is heard."""
        self._silence(self._heard.caller_began(at))
        if self._caller_from is None:
            self._caller_from = at

    def caller_ended(self, at: float) -> None:
        """The caller fell silent."""
        self._heard.caller_ended(at)
        self._caller_until = at
        self.clock.caller_spoke(at, over_agent=self._agent_until() > at)

    def answer_leaves(self, at: float) -> None:
        """The session says that the model's own words leave towards the caller."""
        sound_at = self._answer_sound_at
        if sound_at is not None and sound_at >= at - EARLY_S:
            self._answer_is_heard(sound_at)
        elif self._voice is not None and at - self._voice.sounding.ended_at < APART_S:
            # Right behind a clip: no silence tells the two apart.
            self._answer_is_heard(at)
        else:
            self._answer_leaves_at = at

    def answer_over(self) -> None:
        """What the session said has ended; an answer without a sound was none."""
        self._answer_leaves_at = self._answer_sound_at = None
        self._keeper.agent_ended(time.monotonic())

    def hear_clip(self, frame: rtc.AudioFrame, at: float) -> None:
        """A frame of a clip that plays on a track of its own, heard from `at` on."""
        sound = self._beside.hear(frame.data.cast("b"), at, frame.duration)
        if sound is not None:
            self._sound(sound, clip=True)

    def note_clip(self, clip: Clip) -> None:
        """A clip is about to be heard."""
        self._tell(Happened(what="clip", why=clip.name))
        if clip.name == STILL_THERE:
            self._tell(Happened(what="reprompt", why="silence"))
        self._journal.write("turn", speaker="clip", text=clip.text)

    def caller_said(self, text: str, item: str) -> None:
        """The words of a caller's turn, which is `item` at the model."""
        self._tell(Happened(what="turn", why="caller"))
        began, ended = self._caller_from, self._caller_until
        self._caller_from = self._caller_until = None
        times = {"began_at": _on_the_wall(began), "ended_at": _on_the_wall(ended)}
        self._keeper.turn("caller", text, item, **times)

    def agent_said(self, text: str, *, interrupted: bool) -> None:
        """The words of the agent, as far as they were heard."""
        self._tell(Happened(what="turn", why="agent"))
        response_s = self.clock.take_response()
        began, self._answer_from = self._answer_from, None
        ended = None if began is None else self._agent_until()
        self._keeper.turn(
            "agent",
            text,
            AGENT,
            began_at=_on_the_wall(began),
            ended_at=_on_the_wall(ended),
            response_ms=None if response_s is None else round(response_s * 1000),
            interrupted=interrupted,
        )
        if interrupted:
            self._journal.write("interrupted")
            self._tell(Happened(what="interruption"))

    def model_spoke(self, at: float) -> None:
        """Sound has come from the model."""
        model_s = self.clock.model_spoke(at)
        if model_s is not None:
            self._timed(Timed(what="model_first_audio", seconds=model_s), at)

    async def keep(self) -> None:
        """Watch silences, and how late this loop wakes up, until cancelled."""
        while True:
            due = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self._lags.append(max(0.0, now - due))
            self.tick(now)

    def tick(self, now: float) -> None:
        """Time passes."""
        cause = cause_of(self._line, greeted=self._greeted)
        dead = self._heard.passes(now, cause, self._agent_until())
        if dead is not None:
            self._tell(Happened(what="dead_air", why=dead))
        if self._voice is not None and self._voice.underruns > self._underruns:
            more = self._voice.underruns - self._underruns
            self._underruns += more
            self._tell(Happened(what="audio_underrun", times=more))
        if len(self._lags) >= TICKS_PER_WORST:
            self._worst.append(round(max(self._lags), 4))
            self._lags.clear()
        if len(self._worst) >= WORST_PER_REPORT:
            self._tell_lags()

    def close(self) -> None:
        """The conversation is over."""
        self._silence(self._heard.over(time.monotonic()))
        if self._worst:
            self._tell_lags()

    def _tell_lags(self) -> None:
        self._tell(Lagged(worst_s=tuple(self._worst)))
        self._worst.clear()

    def _agent_until(self) -> float:
        ended_at = self._beside.ended_at
        return ended_at if self._voice is None else max(ended_at, self._voice.sounding.ended_at)

    def _on_sound(self, sound: Sound) -> None:
        clip = self._clip_sounds()
        self._sound(sound, clip=clip)
        if clip:
            self._answer_sound_at = None
        elif self._answer_leaves_at is not None:
            self._answer_is_heard(sound.began_at)
        else:
            self._answer_sound_at = sound.began_at

    def _sound(self, sound: Sound, *, clip: bool) -> None:
        self._silence(self._heard.agent_began(*sound))
        waited_s = self.clock.agent_sounded(sound.began_at)
        if waited_s is not None:
            what = "clip" if clip else "answer"
            first = Timed(what="turn_first_sound", seconds=waited_s, sound=what)
            self._timed(first, sound.began_at)

    def _answer_is_heard(self, at: float) -> None:
        self._answer_leaves_at = self._answer_sound_at = None
        self._answer_from = at
        self._keeper.agent_began(at)
        if not self._greeted:
            self._greeted = True
            self._journal.write("greeted", at=on_the_wall(at))
            since = at if self.greeting_due_at is None else self.greeting_due_at
            self._timed(Timed(what="greeting", seconds=max(0.0, at - since)), at)
        response_s = self.clock.agent_spoke(at)
        if response_s is not None:
            used = self.clock.tool_used
            self._timed(Timed(what="turn_response", seconds=response_s, tool_used=used), at)

    def _timed(self, timed: Timed, ended_at: float) -> None:
        self._tell(timed)
        self._keep_span(timed.what, ended_at - timed.seconds, timed.seconds)

    def _keep_span(self, what: str, began_at: float, seconds: float) -> None:
        self._journal.write(
            "latency", at=on_the_wall(began_at), what=what, ms=round(seconds * 1000)
        )

    def _silence(self, silence: Silence | None) -> None:
        if silence is None:
            return
        began_at, seconds, cause, told = silence
        if seconds >= DEAD_S and not told:
            self._tell(Happened(what="dead_air", why=cause))
        self._tell(DeadAir(cause=cause, seconds=seconds))
        self._keep_span("dead_air", began_at, seconds)


def _on_the_wall(at: float | None) -> float | None:
    return None if at is None else on_the_wall(at)
