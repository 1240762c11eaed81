"""An evening of calls in which everything is said that must not be kept, through real jobs.

A worker, a livekit-server, callers by the room with sound, the Realtime protocol with whatever
words a test wants, and an office behind it; and all that they leave.
"""

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from aiohttp import web

from records import CallView
from records.reading import Wanted
from records.redaction.numerals import read
from rehearsal.stack.ports import any_port
from tests.integration.realtime.puppet import Puppet, puppet
from tests.integration.traces.desk import NUMBER, RATE_HZ, Caller, Desk, calling, desk
from tests.unit.desk_tools.fake_office import FakeOffice
from tests.unit.redaction.planted import Planted, planted

SEED = 20_261_125
VALUES = 1_000
CALLERS = (NUMBER, "+15550002222")
SOUND_CALLER = "+15550003333"
SPOKEN_CARD = (
    "it is four five three nine, one four eight eight, oh three four three, six four six seven"
)
SPOKEN = ("my order is 4271", SPOKEN_CARD, "thank you, that is all")
PIN = "739152"
CARD, CODE = ("4539", "1488", "0343", "6467"), "318"
# What belongs to LiveKit and to tests, and lies in the same folder.
THEIRS = ("livekit.log", "livekit.yaml")
AT_ONCE = 24


@dataclass
class Left:
    """What an evening has left below `folder`, and what was planted into it."""

    folder: Path
    metrics: str = ""
    said: dict[str, list[Planted]] = field(default_factory=dict)
    """Sentences of callers, in order, by the id of their call."""
    given: list[Planted] = field(default_factory=list)
    """What tools were given: an open record holds it for whoever acts on it."""
    answered: list[Planted] = field(default_factory=list)
    """What the agent said, and what the office answered."""
    calls: list[CallView] = field(default_factory=list)

    @property
    def planted(self) -> list[str]:
        """Everything that must not be found."""
        said = [one for call in self.said.values() for one in call]
        numbers = [number[1:] for number in (*CALLERS, SOUND_CALLER)]
        pieces = [" ".join(CARD), "".join(CARD), SPOKEN_CARD, PIN, f"code {CODE}"]
        return [
            *(one.value for one in (*said, *self.given, *self.answered)),
            *numbers,
            *(f"sip_+{number}" for number in numbers),
            *pieces,
        ]

    def call(self, caller: str) -> CallView:
        """The call of somebody."""
        (found,) = (call for call in self.calls if call.caller == caller)
        return found

    def turns(self, caller: str, speaker: str) -> list[str]:
        """What one side has said in it, as it is kept."""
        return [turn.text for turn in self.call(caller).turns if turn.speaker == speaker]


def settings_of(folder: Path) -> dict[str, str]:
    """Where recordings, traces and metrics of an evening are."""
    return {
        "FRONTDESK_RECORDINGS_URL": str(folder / "recordings"),
        "FRONTDESK_RECORDINGS_WAITING": str(folder / "waiting"),
        "FRONTDESK_TRACES_DIR": str(folder / "traces"),
    }


async def evening(folder: Path) -> Left:
    """Make all its calls."""
    left, port = Left(folder), any_port()
    # What is confided has a test of its own: no office of a stack has such a tool.
    made = (one for one in planted(2 * VALUES, SEED) if one.kind != "secret")
    values = list(islice(made, VALUES))
    office = FakeOffice()
    async with puppet() as model, _serving(office) as office_url:
        settings = {
            **settings_of(folder),
            "FRONTDESK_OFFICE_URL": office_url,
            "FRONTDESK_LOG_LEVEL": "debug",
            "FRONTDESK_METRICS_PORT": str(port),
            "FRONTDESK_IDLE_PROCESSES": "2",
        }
        async with desk(folder, model.base_url, **settings) as at:
            share = len(values) // len(CALLERS)
            for number, caller in enumerate(CALLERS):
                part = values[number * share : (number + 1) * share]
                await _talk(_Talk(at, model, office, left, caller), part)
            await _sound(at, model)
            left.calls = await at.over(len(CALLERS) + 1)
            left.said = {left.call(caller).call_id: left.said[caller] for caller in CALLERS}
            await _stored(folder / "waiting")
            left.metrics = await _metrics(port)
    return left


@dataclass
class _Talk:
    """One call that is full of values."""

    desk: Desk
    model: Puppet
    office: FakeOffice
    left: Left
    caller: str

    async def say(self, text: str, *, asked: bool = False) -> None:
        """The agent says it, heard to its end."""
        before = await self._agent_turns()
        await self.model.speak(text, asked=asked)
        await self._heard(before + 1)

    async def use(self, tool: str, arguments: str) -> None:
        """The model uses a tool, and says something when it has the answer."""
        asked = len(self.model.of("response.create"))
        await self.model.call_tool(tool, arguments, asked=False)
        await self.model.until("response.create", asked + 1)
        await self.say("All right.", asked=True)

    async def _agent_turns(self) -> int:
        ids = await self.desk.calls.ids(Wanted(caller=self.caller))
        call = await self.desk.calls.call(ids[0]) if ids else None
        return sum(turn.speaker == "agent" for turn in call.turns) if call else 0

    async def _heard(self, turns: int) -> None:
        async with asyncio.timeout(20):
            while await self._agent_turns() < turns:  # noqa: ASYNC110 - asks a database
                await asyncio.sleep(0.05)


async def _talk(talk: _Talk, values: Sequence[Planted]) -> None:
    left, model = talk.left, talk.model
    said, given = values[: len(values) // 2], values[len(values) // 2 :]
    given, answered = given[: len(given) // 2], given[len(given) // 2 :]
    left.said[talk.caller] = list(said)
    left.given += given
    left.answered += answered
    asked = len(model.of("response.create"))
    async with calling(talk.desk, talk.caller) as caller:
        await model.until("response.create", asked + 1)
        await talk.say("Hello.", asked=True)
        for one in said:
            await model.caller_says(one.sentence)
        half = len(answered) // 2
        for place in range(0, half, AT_ONCE):
            some = answered[place : min(place + AT_ONCE, half)]
            await talk.say(". ".join(one.sentence for one in some))
        await _use_tools(talk, given, answered[half:])
        await _card_in_pieces(talk)
        await _pin(talk, caller)
        # Its job is alive, and its journal on the disk.
        shutil.copytree(left.folder / "spool", left.folder / "spool-then", dirs_exist_ok=True)


async def _use_tools(talk: _Talk, given: Sequence[Planted], answered: Sequence[Planted]) -> None:
    """Arguments that are kept, refused, no JSON, of tools that do not exist; and answers."""
    order = talk.office.orders["4271"]
    order["items"] = [{"name": ". ".join(one.sentence for one in answered), "quantity": 1}]
    await talk.use("look_up_order", json.dumps({"order": "4271"}))
    order["items"] = [{"name": name, "quantity": 1} for name in _names(answered)]
    await talk.use("look_up_order", json.dumps({"order": "4271"}))
    await talk.use("promise_callback", json.dumps({"about": given[0].sentence}))
    uses = ("promise_callback", "answer_question", "look_up_order", "no_json", "invented")
    for place in range(0, len(given), AT_ONCE):
        some = ". ".join(one.sentence for one in given[place : place + AT_ONCE])
        match uses[place // AT_ONCE % len(uses)]:
            case "promise_callback":
                await talk.use("promise_callback", json.dumps({"about": some}))
            case "answer_question":
                await talk.use("answer_question", json.dumps({"question": some}))
            case "look_up_order":
                await talk.use("look_up_order", json.dumps({"order": some}))
            case "no_json":
                await talk.use("look_up_order", f"order: {some}")
            case _:
                await talk.use(f"pay {some}", json.dumps({some: some}))


def _names(answered: Sequence[Planted]) -> list[str]:
    """What an office may call things; any other answer is refused whole."""
    fits = re.compile(r"[\w .,'&()/+-]{1,80}")
    return [one.sentence for one in answered if fits.fullmatch(one.sentence)][:50]


async def _card_in_pieces(talk: _Talk) -> None:
    await talk.say("What is the card number?")
    for piece in CARD:
        await talk.model.caller_says(piece)
        await talk.say(f"{piece}, go on.")
    await talk.say("And the security code?")
    await talk.model.caller_says(CODE)
    await talk.say(f"So {' '.join(CARD)}, code {CODE}.")


async def _pin(talk: _Talk, caller: Caller) -> None:
    asked = len(talk.model.of("response.create"))
    await talk.model.call_tool("verify_by_pin", "{}", asked=False)
    await talk.desk.said("clip", "your PIN")
    for key in f"{PIN}#":
        await caller.room.local_participant.publish_dtmf(code=0, digit=key)
    await talk.model.until("response.create", asked + 1)
    await talk.say("Thank you.", asked=True)


async def _sound(at: Desk, model: Puppet) -> None:
    """Three turns that are heard: a card is in the second one."""
    asked = len(model.of("response.create"))
    async with calling(at, SOUND_CALLER) as caller:
        await model.until("response.create", asked + 1)
        await model.speak("Hello.")
        await caller.play(silence(1.0))
        for number, words in enumerate(SPOKEN):
            turn = {"item_id": f"item_heard_{number}"}
            await caller.play(tone(0.4))
            await model.send({"type": "input_audio_buffer.speech_started", **turn})
            await caller.play(np.concatenate([tone(0.6), silence(1.1)]))
            await model.send({"type": "input_audio_buffer.speech_stopped", **turn})
            kind = "conversation.item.input_audio_transcription.completed"
            await model.send({"type": kind, **turn, "content_index": 0, "transcript": words})
            await caller.play(silence(0.6))
        await caller.play(silence(1.0))


def tone(seconds: float) -> np.ndarray:
    """Somebody who is heard."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (np.sin(2 * np.pi * 440 * at) * 9000).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    """Nobody."""
    return np.zeros(round(seconds * RATE_HZ), np.int16)


async def _stored(waiting: Path) -> None:
    """Return once the worker's parent has stored every recording."""
    async with asyncio.timeout(30):
        while os.listdir(waiting):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(0.05)


async def _metrics(port: int) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text


@asynccontextmanager
async def _serving(office: FakeOffice) -> AsyncIterator[str]:
    """`office` behind a socket; its address."""

    async def answer(request: web.Request) -> web.Response:
        asked = httpx.Request(
            request.method,
            str(request.url),
            headers=dict(request.headers),
            content=await request.read(),
        )
        told = await office.transport().handle_async_request(asked)
        return web.Response(status=told.status_code, body=told.content, headers=_json())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _json() -> dict[str, Any]:
    return {"Content-Type": "application/json"}


def digits_in(text: str) -> str:
    """All digits of a text, written and said."""
    return "".join(piece.digits for piece in read(text).pieces)
