"""A phone that nobody here wrote calls the desk."""

import wave
from pathlib import Path

import numpy as np

from records import CallOutcome
from rehearsal.baresip import open_baresip
from rehearsal.phone.g711 import RATE_HZ
from rehearsal.phone.utterances import spoken
from rehearsal.stack.layout import DID
from tests.e2e.desk import Desk
from tests.e2e.floor import FLOOR

NUMBER = "+15550002222"
GREETING_S = 0.4


def quiet(file: Path) -> Path:
    """A WAV of a minute in which the caller says nothing."""
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(bytes(2 * 60 * RATE_HZ))
    return file


async def test_baresip_is_greeted_and_hangs_up(brief: Desk, tmp_path: Path) -> None:
    """It hears the greeting, as its own recording shows, and the record says who called."""
    host, port = brief.stack.sip_address
    says = quiet(tmp_path / "quiet.wav")
    async with FLOOR.call(), open_baresip(tmp_path / "baresip", user=NUMBER, says=says) as phone:
        await phone.dial(f"sip:{DID}@{host}:{port}")
        await phone.happens("CALL_ESTABLISHED")
        live = await brief.called_by(NUMBER)
        await live.happens("turn")
        await phone.hang_up()
        await phone.happens("CALL_CLOSED")
        heard = phone.recording("dec")

    call = await live.record()
    with wave.open(str(heard)) as wav:
        speech = spoken(np.frombuffer(wav.readframes(wav.getnframes()), dtype=np.int16))
    assert sum(s.end_s - s.start_s for s in speech) > GREETING_S
    assert (call.caller, call.outcome) == (NUMBER, CallOutcome.ABANDONED)
