"""Makes one call without a telephone: a caller who joins a room as livekit-sip would have them.

The room, the attributes and the agent's dispatch are those of a call by SIP; only sound is missing.
What this caller says is ordered at the scripted model before (`rehearsal.model.words`), for a
session on the line that is called. Whoever begins a call on a line waits until the words of the one
before have found their session, so that they never get to another caller.
"""

import asyncio
import logging
import os
import secrets
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
from livekit import api, rtc

from records.reading import Wanted
from rehearsal.model.words import Moment
from rehearsal.soak.plan import LINES, Kind, Line, Plan
from rehearsal.stack import Stack
from rehearsal.stack.calls import LOOK_AGAIN_S, Calls
from rehearsal.stack.layout import AGENT_NAME
from sip.caller import IN_SERVICE

# All of a short call; who waits longer waits in vain.
CALL_WITHIN_S = 60.0
JOB_WITHIN_S = 20.0


class WentWrong(Exception):
    """A call could not be made as it was planned; the message says why."""


class Texting:
    """Makes calls on a standing stack, through the control API of its model."""

    def __init__(self, stack: Stack, calls: Calls, model: httpx.AsyncClient) -> None:
        # It complains of every line that is closed from the other side.
        logging.getLogger("livekit").setLevel(logging.CRITICAL)
        self._stack, self._calls, self._model = stack, calls, model
        self._beginning = {line: asyncio.Lock() for line in LINES}

    async def make(self, plan: Plan, sip_call_id: str) -> None:
        """Make one call to its end; `sip_call_id` is its id as the carrier would have it.

        Raises:
            WentWrong: it went otherwise than planned.
        """
        try:
            async with asyncio.timeout(CALL_WITHIN_S):
                await self._make(plan, sip_call_id)
        except TimeoutError as error:
            raise WentWrong(f"it was not over after {CALL_WITHIN_S:g} s") from error
        except (rtc.ConnectError, httpx.HTTPError) as error:
            raise WentWrong(f"{type(error).__name__}: {error}") from error

    async def _make(self, plan: Plan, sip_call_id: str) -> None:
        if plan.kind is Kind.UNKNOWN:
            async with self._on_the_line(plan, sip_call_id) as closed:
                await closed.wait()
            return
        async with AsyncExitStack() as call:
            async with self._beginning[plan.line]:
                killed = plan.kind is Kind.KILLED
                number = await self._order(plan.line, () if killed else plan.says)
                call.push_async_callback(self._forget, number)
                closed = await call.enter_async_context(self._on_the_line(plan, sip_call_id))
                await self._reached(number, "taken")
                if killed:
                    number = await self._kill(plan, number)
                    call.push_async_callback(self._forget, number)
                    await self._reached(number, "taken")
            match plan.kind:
                case Kind.LEAVES:
                    await self._reached(number, "answered")
                case Kind.HANGS_UP:
                    await self._reached(number, "greeted")
                case _:
                    await closed.wait()

    async def _kill(self, plan: Plan, number: int) -> int:
        """Kill the job once it has greeted; the number of the words that the next one is told."""
        await self._reached(number, "greeted")
        try:
            async with asyncio.timeout(JOB_WITHIN_S):
                job = await self._greeting_job(plan)
        except TimeoutError as error:
            raise WentWrong("its job was not to be found in the record") from error
        following = await self._order(plan.line, plan.says)
        with suppress(ProcessLookupError):
            os.kill(job, signal.SIGKILL)
        return following

    async def _greeting_job(self, plan: Plan) -> int:
        """The process that holds the call, once its greeting is in the record.

        What it has told its parent by then is in its journal, and the other way round.
        """
        while True:
            for call_id in await self._calls.ids(Wanted(caller=plan.caller, resumes="")):
                call = await self._calls.call(call_id)
                if call is not None and any(turn.speaker == "agent" for turn in call.turns):
                    return call.pid
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _order(self, line: Line, says: tuple[str, ...]) -> int:
        answer = await self._asked("POST", "", json={"line": line.persona, "turns": says})
        return int(answer.json()["id"])

    async def _forget(self, number: int) -> None:
        await self._asked("DELETE", f"/{number}")

    async def _reached(self, number: int, moment: Moment) -> None:
        await self._asked("GET", f"/{number}/{moment}")

    async def _asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = await self._model.request(method, f"/rehearsal/words{path}", **more)
        return answer.raise_for_status()

    @asynccontextmanager
    async def _on_the_line(self, plan: Plan, sip_call_id: str) -> AsyncIterator[asyncio.Event]:
        """In a room of their own, as a caller whose line is up; the event is the line's end."""
        room, closed = rtc.Room(), asyncio.Event()
        room.on("disconnected", _setting(closed))
        await room.connect(self._stack.livekit_url, self._token(plan, sip_call_id))
        try:
            yield closed
        finally:
            await room.disconnect()

    def _token(self, plan: Plan, sip_call_id: str) -> str:
        attributes = {
            "sip.callID": f"SCL_{sip_call_id}",
            "sip.callIDFull": sip_call_id,
            "sip.callStatus": "active",
            "sip.phoneNumber": plan.caller,
            "sip.trunkPhoneNumber": plan.dialled,
            IN_SERVICE: "false" if plan.kind is Kind.UNKNOWN else "true",
        }
        name = f"{plan.dialled}_{secrets.token_hex(6)}"
        sent = api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=AGENT_NAME)])
        return (
            api.AccessToken(self._stack.api_key, self._stack.api_secret)
            .with_identity(f"sip_{plan.caller}")
            .with_kind("sip")
            .with_attributes(attributes)
            .with_grants(api.VideoGrants(room_join=True, room=name))
            .with_room_config(sent)
            .to_jwt()
        )


def _setting(closed: asyncio.Event) -> Callable[..., None]:
    def set_it(*_: object) -> None:
        closed.set()

    return set_it
