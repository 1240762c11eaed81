"""A call around its conversation: who is served, what is said when it fails, what is left."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc
from livekit.agents import JobContext, vad
from pydantic import SecretStr

from agent.acting import Ending
from agent.call import Call
from agent.profile import Profile, Profiles
from agent.settings import Settings
from agent.voice import Clip, Unheard, load_clips
from records import CallOutcome
from records.prices import PriceBook
from tests.journals import KEY, lines_in

PROFILES = Profiles([Profile(name="acme", numbers=("+15557654321",))])
CLIPS = {profile.name: load_clips(profile) for profile in PROFILES.values()}


class Line:
    """The job's context, as far as a call uses it; `happened` is what the caller noticed."""

    def __init__(self, dialled: str | None) -> None:
        self.happened: list[str] = []
        self.hear: Callable[[], Any] | None = None
        self.left: Callable[[Any], None] = lambda _: None
        attributes = {"sip.trunkPhoneNumber": dialled, "sip.callStatus": "active"}
        self.caller = SimpleNamespace(identity="sip_caller", attributes=attributes)
        self.dialled = dialled
        self.room = SimpleNamespace(
            name="room", on=self._on, remote_participants={"sip_caller": self.caller}
        )
        self.session_directory = "."
        self.job = SimpleNamespace(room=SimpleNamespace(name="room"))

    def _on(self, event: str, told: Callable[[Any], None]) -> None:
        if event == "participant_disconnected":
            self.left = told

    async def connect(self) -> None:
        """Enter the room."""

    async def wait_for_participant(self, *, kind: object) -> object:
        """The caller; nobody, if nobody dialled."""
        if self.dialled is None:
            raise RuntimeError("the room is empty")
        return self.caller

    async def delete_room(self, name: str) -> None:
        """Close the line; by its name, since a room that was not joined has none yet."""
        assert name == "room"
        self.happened.append("line closed")

    def shutdown(self, *, reason: str) -> None:
        """Let the process go."""
        self.happened.append(f"process free: {reason}")

    async def play(self, _: rtc.Room, clip: Clip, **__: object) -> None:
        """The caller hears a clip."""
        self.happened.append(clip.name)
        if self.hear:
            await self.hear()


Made = Callable[[str | None], tuple[Call, Line]]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes a call to a number, and its line."""

    def make(dialled: str | None) -> tuple[Call, Line]:
        line = Line(dialled)
        monkeypatch.setattr("agent.call.play_alone", line.play)
        # A database that is not there: what is left of a call lies in its spool.
        monkeypatch.setenv("FRONTDESK_RECORDS_URL", f"sqlite+aiosqlite:///{tmp_path}/none.db")
        monkeypatch.setenv("FRONTDESK_RECORDS_KEY", base64.b64encode(KEY).decode())
        monkeypatch.setenv("FRONTDESK_RECORDS_SPOOL", str(tmp_path))
        settings = Settings(
            livekit_url="ws://127.0.0.1:1",
            livekit_api_key="key",
            livekit_api_secret=SecretStr("secret"),
            openai_api_key=SecretStr("none"),
        )
        call = Call(
            cast("JobContext", line),
            settings=settings,
            profiles=PROFILES,
            clips=CLIPS,
            local_vad=cast("vad.VAD", None),
            tls=ssl.create_default_context(),
            book=PriceBook(currency="USD"),
        )
        return call, line

    return make


def records(folder: Path) -> list[dict[str, Any]]:
    """How the calls below `folder` ended."""
    return [line for file in folder.glob("*/*.sealed") for line in lines_in(file.parent, "ended")]


def record(folder: Path) -> dict[str, Any]:
    """The only one."""
    (found,) = records(folder)
    return found


async def test_a_room_without_a_caller_is_left(made: Made, tmp_path: Path) -> None:
    """They hung up while it rang; the place is free again, and there is nothing to record."""
    call, line = made(None)
    await call.run()

    assert line.happened == ["line closed", "process free: no caller"]
    assert not records(tmp_path)


@pytest.mark.parametrize("dialled", ["+15550000000", "100", "sales"])
async def test_a_number_not_in_service_is_told_so(made: Made, tmp_path: Path, dialled: str) -> None:
    """The sentence, then the end of the line; whatever was dialled, there is a record of it."""
    call, line = made(dialled)
    await call.run()

    line.left(line.caller)

    assert line.happened == ["not_in_service", "line closed", "process free: not_in_service"]
    assert record(tmp_path)["outcome"] == "not_in_service"


async def test_a_caller_need_not_hear_the_sentence_to_its_end(made: Made, tmp_path: Path) -> None:
    """Who hangs up frees the place at once."""
    call, line = made("+15550000000")

    async def leave() -> None:
        line.left(line.caller)
        await asyncio.Event().wait()

    line.hear = leave
    async with asyncio.timeout(2):
        await call.run()

    assert record(tmp_path)["outcome"] == "abandoned"


async def test_a_caller_may_leave_after_the_sentence_too(made: Made) -> None:
    """What listened for it has nothing left to end."""
    call, line = made("+15550000000")
    await call.run()

    line.left(line.caller)


async def test_a_sentence_that_cannot_be_played_is_a_failure(made: Made, tmp_path: Path) -> None:
    """It is not counted as a number out of service: somebody should look."""
    call, line = made("+15550000000")

    async def fail() -> None:
        raise Unheard("nobody took the track")

    line.hear = fail
    await call.run()

    assert record(tmp_path)["outcome"] == "failed"
    assert line.happened[-2:] == ["line closed", "process free: failed"]


async def test_a_day_whose_budget_is_spent_is_told_in_a_sentence(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No model is asked; a call that goes on for a dead job is not refused."""
    call, line = made("+15557654321")

    async def spent(*_: object) -> bool:
        return True

    async def talk(*_: object) -> Ending:
        return Ending(CallOutcome.COMPLETED)

    monkeypatch.setattr("agent.call.day_is_spent", spent)
    await call.run()
    assert line.happened == ["budget_day_over", "line closed", "process free: limit"]
    assert record(tmp_path)["reason"] == "the day's budget is spent"

    resumed, line = made("+15557654321")
    resumed._resumes = "c0"
    monkeypatch.setattr(resumed, "_converse", talk)
    await resumed.run()
    assert line.happened == ["line closed", "process free: completed"]


async def test_an_error_is_apologised_for_before_the_line_closes(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller learns that it was not them; the record tells the operator."""
    call, line = made("+15557654321")

    async def broken(*_: object) -> Ending:
        raise ExceptionGroup("tasks", [KeyError("my secret")])

    monkeypatch.setattr(call, "_converse", broken)
    await call.run()

    assert line.happened == ["apology", "line closed", "process free: failed"]
    assert record(tmp_path)["reason"] == "an error in the worker"


async def test_a_call_that_is_cancelled_still_closes_its_line_and_record(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's drain is over; nothing of the call may be left behind."""
    call, line = made("+15557654321")
    talking = asyncio.Event()

    async def talk(*_: object) -> Ending:
        talking.set()
        await asyncio.Event().wait()
        return Ending(CallOutcome.COMPLETED)

    monkeypatch.setattr(call, "_converse", talk)
    running = asyncio.create_task(call.run())
    await talking.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert line.happened == ["line closed", "process free: failed"]
    assert record(tmp_path)["reason"] == "the job was ended from outside"


@pytest.mark.parametrize("end", ["an error", "a cancellation"])
async def test_whatever_ends_a_conversation_is_told_while_the_line_is_up(
    made: Made, end: str
) -> None:
    """The model's own words are cut for it; afterwards nobody would hear it."""
    call, line = made("+15557654321")
    session = _Session(line.happened)
    journal = SimpleNamespace(write=lambda *_, **__: None, folder=Path())
    closing = call._closing(cast("Any", session), PROFILES["acme"], cast("Any", journal))

    error = RuntimeError("broken") if end == "an error" else asyncio.CancelledError()
    with pytest.raises(type(error)):
        async with closing:
            raise error

    assert line.happened == ["model cut", "apology", "line closed", "session closed"]


async def test_a_job_without_a_parent_speaks_through_a_second_connection(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody serves the first one; the caller hears why all the same.

    Its tasks are cancelled before the end of the parent's own socket is read.
    """
    call, line = made("+15557654321")

    @asynccontextmanager
    async def joined(_: Settings, room: str) -> AsyncIterator[None]:
        line.happened.append(f"{room} joined again")
        yield

    monkeypatch.setattr("agent.call.joined_again", joined)
    parent = SimpleNamespace(parent_is_gone=False, tell=lambda _: None)

    async def notice_death() -> None:
        parent.parent_is_gone = True

    parent.notice_death = notice_death
    call._reporter = cast("Any", parent)
    journal = SimpleNamespace(write=lambda *_, **__: None, folder=Path())
    with pytest.raises(asyncio.CancelledError):
        async with call._closing(cast("Any", _Session([])), PROFILES["acme"], cast("Any", journal)):
            raise asyncio.CancelledError

    assert line.happened == ["room joined again", "apology", "line closed"]


async def test_a_session_that_cannot_close_still_has_its_recording_ended(made: Made) -> None:
    """All its tasks were cancelled under it."""
    call, line = made("+15557654321")
    session = _Session([])
    session.closes = False

    async def close() -> None:
        line.happened.append("recording ended")

    call._keeper = cast("Any", SimpleNamespace(close=close))
    journal = SimpleNamespace(write=lambda *_, **__: None)
    with pytest.raises(asyncio.CancelledError):
        async with call._closing(cast("Any", session), PROFILES["acme"], cast("Any", journal)):
            pass

    assert line.happened == ["line closed", "recording ended"]


class _Session:
    """A session that notes when it is cut and closed."""

    def __init__(self, happened: list[str]) -> None:
        self._happened = happened
        self.closes = True

    def interrupt(self, *, force: bool) -> None:
        """End what the model says."""
        self._happened.append("model cut")

    async def aclose(self) -> None:
        """End the session."""
        if not self.closes:
            raise asyncio.CancelledError
        self._happened.append("session closed")
