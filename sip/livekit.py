"""The edge to LiveKit: trunks, rules and rooms over livekit-api.

The only module of `sip` that asks livekit-server for anything. Its errors are sentences that name
what to mend; they never hold a secret. Called by `python -m sip` and its watcher.
"""

import asyncio
import contextlib
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import Self, TypeVar

import aiohttp
from livekit import api
from livekit.protocol.room import DeleteRoomRequest, ListParticipantsRequest
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    DeleteSIPDispatchRuleRequest,
    DeleteSIPTrunkRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
    SIPDispatchRuleInfo,
)

from sip.objects import Found, Line
from sip.plan import Plan, Step
from sip.settings import Settings
from sip.sights import Who, kind_of

Answer = TypeVar("Answer")


class LiveKitFailed(Exception):
    """LiveKit did not do what was asked; the message says what and the fix."""


class Unreachable(LiveKitFailed):
    """No LiveKit answers there: mend the address or start it, then repeat."""


class WrongSecret(LiveKitFailed):
    """LiveKit answers but does not know the key: mend the settings."""


class NoSip(LiveKitFailed):
    """LiveKit has no Redis, where all trunks live: mend its configuration."""


class Gone(LiveKitFailed):
    """What was asked about is not there any more: look again."""


class LiveKit:
    """Trunks, rules and rooms of one livekit-server. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        key, secret = self._settings.livekit_api_key, self._settings.livekit_api_secret
        if not key or not secret.get_secret_value():
            raise WrongSecret("LIVEKIT_API_KEY and LIVEKIT_API_SECRET must both be set")
        client = api.LiveKitAPI(
            self._settings.livekit_url,
            key,
            secret.get_secret_value(),
            timeout=aiohttp.ClientTimeout(total=self._settings.request_timeout_s),
            # A create repeated by the client after a lost answer meets its own first half.
            failover=False,
        )
        await self._stack.enter_async_context(client)
        self._sip, self._room = client.sip, client.room
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def found(self) -> Found:
        """Every inbound trunk and dispatch rule there is, ours and others'."""
        trunks = await self._ask(self._sip.list_inbound_trunk(ListSIPInboundTrunkRequest()))
        rules = await self._ask(self._sip.list_dispatch_rule(ListSIPDispatchRuleRequest()))
        return Found(list(trunks.items), list(rules.items))

    async def apply(self, plan: Plan) -> None:
        """Carry out every step of `plan` in order; stops at the first that fails.

        Raises:
            LiveKitFailed: says how far it came; the same apply again goes on from there.
        """
        ids = dict(plan.trunk_ids)
        for done, step in enumerate(plan.steps):
            try:
                await self._take(step, ids)
            except LiveKitFailed as error:
                raise type(error)(
                    f"{error} ({done} of {len(plan.steps)} steps done, stopped at:"
                    f" {step.verb} {step.kind} {step.name}; apply again once mended)"
                ) from error

    async def people_in(self, room_name: str) -> list[Who]:
        """Who is in a room and can speak or hear; nobody if there is no such room."""
        try:
            request = ListParticipantsRequest(room=room_name)
            found = await self._ask(self._room.list_participants(request))
        except Gone:
            return []
        return [who for who in map(kind_of, found.participants) if who]

    async def close_room(self, room_name: str) -> None:
        """Delete a room, which hangs up on everybody in it; one that is not there is closed."""
        with contextlib.suppress(Gone):
            await self._ask(self._room.delete_room(DeleteRoomRequest(room=room_name)))

    async def _take(self, step: Step, ids: dict[str, str]) -> None:
        if step.line is None:
            await self._delete(step)
        elif step.kind == "trunk":
            ids[step.line.name] = await self._put_trunk(step.id, step.line)
        else:
            await self._put_rule(step.id, step.line, ids[step.line.name])

    async def _put_trunk(self, trunk_id: str, line: Line) -> str:
        if trunk_id:
            await self._ask(self._sip.update_inbound_trunk(trunk_id, line.trunk))
            return trunk_id
        request = CreateSIPInboundTrunkRequest(trunk=line.trunk)
        return (await self._ask(self._sip.create_inbound_trunk(request))).sip_trunk_id

    async def _put_rule(self, rule_id: str, line: Line, trunk_id: str) -> None:
        rule = SIPDispatchRuleInfo()
        rule.CopyFrom(line.rule)
        rule.trunk_ids.append(trunk_id)
        if rule_id:
            await self._ask(self._sip.update_dispatch_rule(rule_id, rule))
            return
        request = CreateSIPDispatchRuleRequest(dispatch_rule=rule)
        await self._ask(self._sip.create_dispatch_rule(request))

    async def _delete(self, step: Step) -> None:
        if step.kind == "trunk":
            await self._ask(self._sip.delete_trunk(DeleteSIPTrunkRequest(sip_trunk_id=step.id)))
            return
        request = DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=step.id)
        await self._ask(self._sip.delete_dispatch_rule(request))

    async def _ask(self, request: Awaitable[Answer]) -> Answer:
        url = self._settings.livekit_url
        try:
            async with asyncio.timeout(self._settings.request_timeout_s):
                return await request
        except TimeoutError as error:
            raise Unreachable(
                f"LiveKit at {url} did not answer within {self._settings.request_timeout_s:g} s"
                " (FRONTDESK_SIP_REQUEST_TIMEOUT_S)"
            ) from error
        except aiohttp.ClientError as error:
            raise Unreachable(
                f"LiveKit is not reachable at {url}: start it or mend LIVEKIT_URL ({error})"
            ) from error
        except api.ServerError as error:
            raise _in_words(url, error) from error


def _in_words(url: str, error: api.ServerError) -> LiveKitFailed:
    if error.status in (401, 403):
        return WrongSecret(
            f"LiveKit at {url} does not accept the key: LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
            " must be a pair from its `keys`, and the clocks must agree"
        )
    if "redis" in error.message.lower() or error.message.startswith("dial tcp"):
        return NoSip(
            f"LiveKit at {url} has no Redis, where trunks are kept: start Redis and name it under"
            f" `redis` in LiveKit's configuration ({error.message})"
        )
    if error.status == 404 and not error.message:
        return Unreachable(f"what answers at {url} is not livekit-server: mend LIVEKIT_URL")
    said = error.message or error.code
    failed = Gone if error.status == 404 else LiveKitFailed
    return failed(f"LiveKit at {url} refused with {error.status}: {said}")
