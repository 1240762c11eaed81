"""The call of the benchmark as an instrument: what it says ends where it is heard to end."""

import numpy as np
import pytest
import soxr

from bench.contest import talk
from rehearsal.model.vad import RATE_HZ as MODEL_RATE_HZ
from rehearsal.model.vad import Vad
from rehearsal.phone.g711 import PCMU, RATE_HZ
from rehearsal.phone.loudness import trimmed
from rehearsal.phone.mouth import FLOOR_DBFS
from rehearsal.speech import Pcm, speak

OFF_MS = 40
BEFORE_S, AFTER_S = 3, 1
SCRIPT = talk()


def on_the_line(said: Pcm) -> Pcm:
    """The clip in the comfort noise of a telephone line, as the model gets it."""
    noise = np.random.default_rng(0).normal(0, 32768 * 10 ** (FLOOR_DBFS / 20), 9 * RATE_HZ)
    before, after = noise[: BEFORE_S * RATE_HZ], noise[-AFTER_S * RATE_HZ :]
    line = np.concatenate([before, said, after]).astype(np.int16)
    heard: Pcm = soxr.resample(PCMU.decode(PCMU.encode(line)), RATE_HZ, MODEL_RATE_HZ)
    return heard


@pytest.mark.parametrize("words", [step.say for step in SCRIPT.caller.steps if step.say])
async def test_the_end_of_a_question_is_heard_where_it_is(words: str) -> None:
    """A gap counts from the end of the clip, and so must the silence that the model waits for."""
    said = trimmed(await speak(words, voice=SCRIPT.caller.voice, rate_hz=RATE_HZ))

    turned = Vad().feed(on_the_line(said))

    assert [turn.kind for turn in turned] == ["started", "stopped"]
    end_ms = 1000 * (BEFORE_S + len(said) / RATE_HZ)
    assert turned[1].at_ms == pytest.approx(end_ms, abs=OFF_MS)
