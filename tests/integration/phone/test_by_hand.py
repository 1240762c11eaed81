"""The phone as a command."""

import asyncio
import sys
import wave
from pathlib import Path

from rehearsal.phone import AnswerPolicy, Phone, open_phone
from tests.integration.phone.tones import tone

TIMEOUT_S = 20


async def command(*words: str) -> tuple[int, str]:
    """Run `python -m rehearsal.phone`; its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rehearsal.phone", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(TIMEOUT_S):
        printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


def uri(phone: Phone) -> str:
    """How to dial a phone."""
    return f"sip:{phone.identity.user}@{phone.identity.host}:{phone.identity.port}"


async def test_a_call_by_hand_speaks_presses_and_records(tmp_path: Path) -> None:
    """After the greeting it says its text, presses its keys, and leaves a stereo recording."""
    wav = tmp_path / "call.wav"
    options = ["--say", "Hello there", "--press", "5", "--seconds", "0.2", "--record", str(wav)]
    async with open_phone(user="+15557654321") as phone, asyncio.TaskGroup() as group:
        dialled = group.create_task(command("dial", uri(phone), *options))
        call = await phone.incoming(timeout_s=TIMEOUT_S)
        await call.answered()
        await call.say(tone(400, 0.5))
        await call.key(timeout_s=TIMEOUT_S)
        code, printed = await dialled

    assert code == 0, printed
    assert "Said" in printed
    with wave.open(str(wav)) as file:
        assert file.getnchannels() == 2


async def test_a_refused_call_by_hand_exits_1() -> None:
    """Whoever is refused reads the status."""
    async with open_phone(user="+15557654321", policy=AnswerPolicy(code=486)) as phone:
        code, printed = await command("dial", uri(phone))

    assert code == 1
    assert "486" in printed


async def test_a_number_without_a_host_is_told(tmp_path: Path) -> None:
    """A mistake in the address is one sentence, not a stack trace."""
    code, printed = await command("dial", "+15557654321", "--record", str(tmp_path / "none.wav"))

    assert code == 1
    assert "proxy" in printed
    assert "Traceback" not in printed


async def test_torture_by_hand_leaves_the_phone_working() -> None:
    """More than twenty malformed datagrams, and the next call is answered."""
    async with open_phone(user="+15557654321") as phone, open_phone(user="+15550001111") as other:
        code, printed = await command("torture", f"127.0.0.1:{phone.identity.port}")
        assert code == 0, printed
        call = await other.dial(uri(phone))
        assert await call.answered(timeout_s=5) < 5

    assert phone.malformed >= 20
