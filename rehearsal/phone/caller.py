"""A caller who reacts: carries out the steps of a call script on a real call.

Used by `make call`, the bench and the e2e tests. Everything to say is made into sound before the
phone rings, so that a step starts when it is due and not when the synthesiser is done.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rehearsal import wav
from rehearsal.phone.call import Call, CallFailed, CallResult
from rehearsal.phone.digest import Credentials
from rehearsal.phone.events import OtherFinished, OtherStarted, PhoneEvent
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.messages import Address
from rehearsal.phone.phone import AnswerPolicy, open_phone
from rehearsal.phone.steps import CallerPart, Noise, Step
from rehearsal.speech import Pcm, at_rate, speak


class CannotPlay(Exception):
    """A file of the script cannot be played; the message names it and says why."""


@dataclass(frozen=True)
class CallerResult:
    """What became of a scripted call.

    `steps_done` counts finished steps; `gave_up` says why the rest was not done, None if all was.
    """

    call: CallResult
    steps_done: int
    gave_up: str | None


@dataclass(frozen=True)
class _Window:
    """When the caller last said something, in seconds on the timeline."""

    start_s: float
    end_s: float


_NEVER = _Window(float("-inf"), float("-inf"))


async def run_caller(
    part: CallerPart,
    *,
    proxy: Address,
    dial: str | None = None,
    credentials: Credentials | None = None,
    on_event: Callable[[PhoneEvent], None] = lambda _: None,
    host: str = "127.0.0.1",
) -> CallerResult:
    """Make one scripted call (or take one, if the part has `answer`) and hang up at its end.

    Args:
        part: what the caller does.
        proxy: where the INVITE goes, host and port.
        dial: number to call; the part's own by default.
        credentials: what the caller answers a digest challenge with.
        on_event: told of everything as it happens.
        host: address to call from.

    Raises:
        CannotSpeak: a text cannot be said with the voice.
        CannotPlay: a file is no WAV of 16-bit mono.
        CallFailed: no number to call was given anywhere.
    """
    callee = dial or part.dial
    if callee is None and part.answer is None:
        raise CallFailed("whom to call? give `dial`")
    sounds = [await _sound(step, part.voice) for step in part.steps]
    answer = part.answer
    policy = AnswerPolicy(answer.ring_s, answer.code) if answer else AnswerPolicy(code=603)
    async with open_phone(
        user=part.number,
        host=host,
        codec=part.codec,
        policy=policy,
        seed=part.seed,
        silence_s=part.silence_s,
        on_event=on_event,
    ) as phone:
        if callee is not None and answer is None:
            call = await phone.dial(callee, proxy=proxy, credentials=credentials)
        else:
            call = await phone.incoming(timeout_s=part.deadline_s)
        return await _follow(call, part, sounds)


async def _follow(call: Call, part: CallerPart, sounds: list[Pcm | None]) -> CallerResult:
    done, gave_up = 0, None
    try:
        async with asyncio.timeout(part.deadline_s):
            await call.answered(timeout_s=part.deadline_s)
            before = _NEVER
            for step, sound in zip(part.steps, sounds, strict=True):
                await _moment(call, step, before)
                start = call.now_s
                await _act(call, step, sound)
                before = _Window(start, call.now_s) if step.speaks else before
                done += 1
    except CallFailed as failure:
        gave_up = f"{_where(part, done)}: {failure}"
    except TimeoutError:
        gave_up = f"{_where(part, done)}: the call took longer than {part.deadline_s:g} s"
    return CallerResult(await call.hang_up(), done, gave_up)


def _where(part: CallerPart, done: int) -> str:
    step = part.steps[min(done, len(part.steps) - 1)]
    return f"step {done + 1} ({step.name})"


async def _moment(call: Call, step: Step, before: _Window) -> None:
    """Wait until the step is due."""
    if step.moment == "step":
        await call.reach(call.now_s + step.pause_s)
    elif step.moment == "at":
        assert step.at_s is not None
        assert call.answered_s is not None
        await call.reach(call.answered_s + step.at_s)
    elif step.moment == "over":
        await _other_under_way(call, step, before)
    else:
        await _other_finished(call, step, before)


async def _other_under_way(call: Call, step: Step, before: _Window) -> None:
    """Wait until the other side has been speaking for `over_s` in answer to the caller."""
    assert step.over_s is not None

    def started() -> float | None:
        since = call.other_speaks_since
        if since is not None and since > before.start_s:
            return since
        starts = (e.at_s for e in call.events if isinstance(e, OtherStarted))
        return next((at for at in starts if at > before.end_s), None)

    what = "speech of the other side"
    await call.until(lambda: started() is not None, timeout_s=step.within_s, what=what)
    since = started()
    assert since is not None
    await call.reach(since + step.over_s)


async def _other_finished(call: Call, step: Step, before: _Window) -> None:
    """Wait until the other side has answered what was said last and stays quiet for the pause.

    What began before the caller did was no answer to it: there the caller barged in.
    """

    def finished() -> OtherFinished | None:
        ends = [e for e in call.events if isinstance(e, OtherFinished)]
        answers = [e for e in ends if e.started_s > before.start_s and e.at_s > before.end_s]
        return answers[-1] if answers and call.other_speaks_since is None else None

    what = "end of the other side's speech"
    due_by = call.now_s + step.within_s
    while True:
        left = max(0.0, due_by - call.now_s)
        await call.until(lambda: finished() is not None, timeout_s=left, what=what)
        reached = await call.reach(call.now_s + step.pause_s, unless=lambda: finished() is None)
        if reached:
            return


async def _act(call: Call, step: Step, sound: Pcm | None) -> None:
    if sound is not None:
        text = step.say or (step.play.name if step.play else "")
        said = await call.say(sound, text=text, trim=step.noise is None)
        if not said.whole:
            raise CallFailed("the call ended while the caller spoke", call.ended)
    elif step.silence_s is not None:
        await call.reach(call.now_s + step.silence_s)
    elif step.dtmf is not None:
        await call.press(step.dtmf)
    elif step.wait_for_hang_up:
        await call.other_hangs_up(timeout_s=step.within_s)
    else:
        await call.hang_up()


async def _sound(step: Step, voice: str) -> Pcm | None:
    if step.say is not None:
        return await speak(step.say, voice=voice, rate_hz=RATE_HZ)
    if step.play is not None:
        return _read(step.play)
    return None if step.noise is None else _noise(step.noise)


def _noise(noise: Noise) -> Pcm:
    level = 32768 * 10 ** (noise.level_dbfs / 20)
    samples = np.random.default_rng(noise.seed).normal(0, level, int(noise.seconds * RATE_HZ))
    return np.clip(samples, -32768, 32767).astype(np.int16)


def _read(path: Path) -> Pcm:
    try:
        samples, rate_hz = wav.read(path)
    except wav.NotMono as error:
        raise CannotPlay(f"{path} cannot be played: {error}") from error
    return at_rate(samples, rate_hz, RATE_HZ)
