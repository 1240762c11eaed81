"""A caller at the consent desk: what they say and press and when, and what both ends hear of it.

Times are those of a call: a voice's end is told late, a clip is heard late, words come later still.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.consent import ConsentDesk
from agent.profile import Profile
from agent.question import Answer, Settled
from agent.speaking import Speaker
from agent.voice import load_clips
from agent.watch import Line
from records.consent import Owed, Policy
from tools.lexicon import LEXICONS

CLIP_STARTS_S = 0.5
VOICE_END_TOLD_S = 0.25
OPENING_S = 0.8
ENGLISH = LEXICONS["en"]
CLIPS = load_clips(Profile(name="acme"))


@dataclass(frozen=True)
class Says:
    """Words from `at` on, in seconds after the answer; `words_after_s` None: they never come."""

    text: str
    at: float
    lasts_s: float = 0.6
    words_after_s: float | None = 0.8


@dataclass(frozen=True)
class Presses:
    """A key, `at` seconds after the answer."""

    key: str
    at: float


@dataclass
class Counter(Speaker):
    """The call's clips, spoken in virtual time; whoever talks over one cuts it off."""

    clock: asyncio.AbstractEventLoop
    sounds: list[tuple[float, float]]
    said: list[str] = field(default_factory=list)
    sound_ended_at: float = 0.0
    unheard: bool = False
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    begins: float | None = None
    """From when on the clip that is played sounds."""

    @property
    def clip_is_heard(self) -> bool:
        """Whether it sounds by now."""
        return self.begins is not None and self.clock.time() >= self.begins

    async def say(self, name: str, *, cut_in: bool = True) -> bool:
        """The clip, until it ends or is cut off."""
        self.said.append(name)
        self.cut.clear()
        begins = self.begins = self.clock.time() + CLIP_STARTS_S
        try:
            async with asyncio.timeout(CLIP_STARTS_S + CLIPS[name].seconds):
                await self.cut.wait()
        except TimeoutError:
            return True
        else:
            return False
        finally:
            self.begins = None
            self.sound_ended_at = self.clock.time()
            if self.sound_ended_at > begins:
                self.sounds.append((begins, self.sound_ended_at))

    async def say_whole(self, name: str) -> None:
        """Once more if it was cut off."""
        while not await self.say(name):
            pass

    def hush(self) -> None:
        """End it now."""
        self.cut.set()


@dataclass
class Heard:
    """What became of it, and how it sounded."""

    answer: Answer
    settled: list[Settled]
    said: list[str]
    took_s: float
    silence_s: float
    """The longest from the answer to the opening."""
    held: list[bool]
    """What the model was told about answering, in order."""
    desk: ConsentDesk


def owing(policy: Policy) -> Owed:
    """A call that owes this."""
    return Owed(policy, "US-CA", "for a test")


async def at_the_desk(
    does: Sequence[Says | Presses] = (),
    *,
    policy: Policy = Policy.ASK,
    gives_up_at: float | None = None,
) -> Heard:
    """A call whose caller does this, from the answer to the opening."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    sounds: list[tuple[float, float]] = []
    line = Line(answered_at=began, voice_ended_at=began)
    settled: list[Settled] = []
    held: list[bool] = []
    speaker = Counter(loop, sounds)
    desk = ConsentDesk(
        owed=owing(policy),
        speaker=speaker,
        line=line,
        lexicon=ENGLISH,
        model_answers=held.append,
        told=settled.append,
        clock=loop.time,
    )
    for number, deed in enumerate(does):
        if isinstance(deed, Presses):
            loop.call_at(began + deed.at, _press, desk, speaker, line, deed.key)
        else:
            _plan(desk, speaker, line, deed, f"item_{number}")
    if gives_up_at is not None:
        loop.call_at(began + gives_up_at, desk.give_up)
    answer = await desk.settle()
    now = loop.time()
    sounds.append((now + OPENING_S, now + OPENING_S + 2))
    return Heard(
        answer=answer,
        settled=settled,
        said=speaker.said,
        took_s=now - began,
        silence_s=_longest_silence(sounds, began),
        held=held,
        desk=desk,
    )


def _press(desk: ConsentDesk, speaker: Counter, line: Line, key: str) -> None:
    """The phone beeps, and whoever presses is there."""
    now = speaker.clock.time()
    line.voice_ended_at = now
    speaker.sounds.append((now, now))
    desk.key_pressed(key)


def _plan(desk: ConsentDesk, speaker: Counter, line: Line, saying: Says, item: str) -> None:
    """The caller's voice cuts off what is said; its end and its words are told late."""
    loop, began = speaker.clock, line.answered_at or 0.0
    starts, ends = began + saying.at, began + saying.at + saying.lasts_s
    told = ends + VOICE_END_TOLD_S

    def start() -> None:
        line.caller_started(starts)
        desk.turn_began(item)
        speaker.cut.set()
        speaker.sounds.append((starts, ends))

    loop.call_at(starts, start)
    loop.call_at(told, line.caller_stopped, told)
    if saying.words_after_s is not None:
        loop.call_at(told + saying.words_after_s, desk.heard, saying.text, item)


def _longest_silence(sounds: list[tuple[float, float]], began: float) -> float:
    longest, quiet_since = 0.0, began
    for starts, ends in sorted(sounds):
        longest = max(longest, starts - quiet_since)
        quiet_since = max(quiet_since, ends)
    return longest
