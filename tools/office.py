"""The back office over HTTP: one client per worker or call, one `Errand` per tool use.

An errand keeps the limits of its use's policy, tries again where that is safe, and never leaves a
write in doubt that it can settle: it asks `/operations/{key}` what became of it, and fences the key
when it gives up, so that "not done" stays true. Errors are those of `tools.errors`.
"""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from opentelemetry import trace
from pydantic import BaseModel, SecretStr

from tools.answers import Lost, Raw, Settled, meaning, parse, settled_answer
from tools.confided import confided
from tools.errors import (
    BadAnswer,
    NotAllowed,
    OfficeDown,
    OfficeRefused,
    OfficeTimeout,
    OutcomeUnknown,
    ToolError,
)
from tools.policy import Policy

Model = TypeVar("Model", bound=BaseModel)
Found = TypeVar("Found")

SETTLE_TRY_S = 1.0
ASK_AGAIN_S = 0.2
FIRST_PAUSE_S = 0.1


def tls_context() -> ssl.SSLContext:
    """What an `Office` over https is known by.

    It reads the certificates of all authorities (those of `SSL_CERT_FILE` or `SSL_CERT_DIR`, if
    set), and nothing else happens meanwhile: make it once per process, before a call.
    """
    return httpx.create_ssl_context()


class Office:
    """The connection to one back office; an async context manager.

    `tls` is what `tls_context` made; without it one is made here, for an address that needs one.
    `on_secret` hears every value that the office answers in confidence (`tools.confided`).
    """

    def __init__(
        self,
        url: str,
        key: SecretStr,
        *,
        connect_timeout_s: float = 1.0,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        on_secret: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_secret = on_secret
        self._client = httpx.AsyncClient(
            base_url=url,
            # Of plain http there is nothing to verify, so nothing is read for it.
            verify=httpx.URL(url).scheme == "https" and (tls or tls_context()),
            headers={
                "Authorization": f"Bearer {key.get_secret_value()}",
                "Accept": "application/json",
                # Bodies are capped as they arrive; a compressed one could unfold behind the cap.
                "Accept-Encoding": "identity",
            },
            timeout=httpx.Timeout(None, connect=connect_timeout_s, pool=connect_timeout_s),
            # Shorter than common servers' idle time, so that a reused connection is still alive.
            limits=httpx.Limits(keepalive_expiry=2.0),
            transport=transport,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    def errand(self, policy: Policy) -> "Errand":
        """One tool use's requests under `policy`. Its deadline begins now."""
        ends_at = asyncio.get_running_loop().time() + policy.deadline_s
        return Errand(self._client, policy, ends_at=ends_at, on_secret=self._on_secret)


class Errand:
    """The requests of one tool use.

    `tries` counts requests for the use's own purpose, `retries` those of them that repeat one: not
    those that settle a write, nor those of an errand `apart`. `unsettled` is true from before a
    write leaves until its outcome is certain, `changed` once one was done. `fenced` is true once
    its key can never be used again.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        policy: Policy,
        *,
        ends_at: float,
        on_secret: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._on_secret = on_secret
        self.tries = self.retries = 0
        self._apart: list[Errand] = []
        self.unsettled = False
        self.changed = False
        self.fenced = False
        self.policy = policy
        self._client = client
        self._ends_at = ends_at

    def apart(self) -> "Errand":
        """An errand within the same limits that is not what the use is for."""
        # Who is calling is asked in our own form, whatever the use's own back end speaks.
        policy = replace(self.policy, gives_code=True)
        other = Errand(self._client, policy, ends_at=self._ends_at, on_secret=self._on_secret)
        self._apart.append(other)
        return other

    @property
    def asked(self) -> bool:
        """Whether the office was asked anything for the use."""
        return self.tries > 0 or any(other.asked for other in self._apart)

    async def read(
        self,
        path: str,
        answer: type[Model],
        *,
        method: str = "GET",
        query: Mapping[str, str] | None = None,
        body: BaseModel | None = None,
        **parts: str,
    ) -> Model:
        """Ask for something; `parts` fill the braces of `path`.

        Raises:
            OfficeRefused, OfficeDown, OfficeTimeout, BadAnswer.
        """
        request = self._request(method, path, parts, query=query, body=body)
        for attempt in range(self.policy.tries):
            try:
                self.tries += 1
                return self._noted(parse(await self._exchange(request, self.policy.try_s), answer))
            except Lost as lost:
                await self._pause_after(lost, attempt)
        raise AssertionError("a policy has at least one try")

    async def write(
        self,
        method: str,
        path: str,
        answer: type[Model],
        *,
        key: str,
        query: Mapping[str, str] | None = None,
        body: BaseModel | None = None,
        **parts: str,
    ) -> Model:
        """Change something, at most once per `key`.

        Raises:
            OfficeRefused, OfficeDown, OfficeTimeout: it was not done, and will not be.
            OutcomeUnknown: it may have been done.
        """
        if not key:
            raise ValueError("only a tool whose policy says it writes has a key to write with")
        headers = {"Idempotency-Key": key}
        request = self._request(method, path, parts, query=query, body=body, headers=headers)
        for attempt in range(self.policy.tries):
            try:
                return await self._send(request, answer)
            except BadAnswer as bad:
                lost = Lost(bad.code)
            except Lost as error:
                lost = error
            found = await self._look(key) if self.unsettled else None
            if found is not None and found.state == "done":
                return self._settle(found, answer)
            if attempt + 1 < self.policy.tries and self._has_time_after(lost, attempt):
                await self._pause(lost, attempt)
                continue
            break
        return await self._give_up(key, lost, answer)

    async def elsewhere(
        self, reach: Callable[[], Awaitable[Callable[[], Awaitable[Found]]]]
    ) -> Found:
        """Ask another server than the office, within the same limits: a write once, a read again.

        `reach` makes sure of the server and gives what asks it. Both may raise `Lost`, asking also
        `NotAllowed`: the server said no, and nothing was done.

        Raises:
            NotAllowed, OfficeDown, OfficeTimeout, BadAnswer: it was not done.
            OutcomeUnknown: a write may have been done; nobody there knows our key.
        """
        for attempt in range(self.policy.tries):
            self.tries += 1
            try:
                ask = await reach()
                self.unsettled = self.policy.writes
                answer = await self._told(ask(), self.policy.try_s, slow="remote_slow")
            except NotAllowed:
                self.unsettled = False
                raise
            except Lost as lost:
                self.unsettled = self.policy.writes and lost.sent
                if self.unsettled:
                    raise OutcomeUnknown(lost.code) from lost
                await self._pause_after(lost, attempt)
            else:
                self.unsettled, self.changed = False, self.policy.writes
                return answer
        raise AssertionError("a policy has at least one try")

    async def settle(self, key: str) -> Settled | None:
        """What became of an earlier write; fenced unless done. None if nobody could say."""
        return await self._look(key, fence=True)

    async def _send(self, request: httpx.Request, answer: type[Model]) -> Model:
        """One try of a write. What was sent earlier and got lost stays unsettled."""
        earlier, self.unsettled = self.unsettled, True
        self.tries += 1
        try:
            result = self._noted(parse(await self._exchange(request, self.policy.try_s), answer))
        except OfficeRefused as refused:
            if earlier and not refused.office_code:
                # The try before may have been done, and this is a no to doing it twice.
                raise Lost("office_refused") from refused
            self.unsettled = False
            if refused.office_code == "fenced":
                self.fenced = True
                raise OfficeDown("fenced") from refused
            raise
        except OfficeDown:
            self.unsettled = earlier
            raise
        except Lost as lost:
            self.unsettled = earlier or lost.sent
            raise
        self.unsettled, self.changed = False, True
        return result

    def _noted(self, found: Model) -> Model:
        for value in confided(found):
            self._on_secret(value)
        return found

    async def _give_up(self, key: str, lost: Lost, answer: type[Model]) -> Model:
        if self.unsettled:
            found = await self._look(key, fence=True)
            if found is None or found.state not in ("done", "fenced"):
                raise OutcomeUnknown("not_settled")
            if found.state == "done":
                return self._settle(found, answer)
            self.fenced = True
            self.unsettled = False
        raise _trouble(lost)

    def _settle(self, found: Settled, answer: type[Model]) -> Model:
        try:
            result = self._noted(settled_answer(found, answer, gives_code=self.policy.gives_code))
        except OfficeRefused:
            self.unsettled = False
            raise
        except BadAnswer as error:
            # Done, but nobody can read how: claiming either way would be a guess.
            raise OutcomeUnknown("done_unreadable") from error
        self.unsettled, self.changed = False, True
        return result

    async def _look(self, key: str, *, fence: bool = False) -> Settled | None:
        """What became of `key`, fencing it if asked to; None if nobody could say."""
        if not self.policy.honours_key:
            return None
        method = "DELETE" if fence else "GET"
        request = self._request(method, "/operations/{key}", {"key": key})
        while True:
            try:
                try_s = min(SETTLE_TRY_S, self.policy.try_s)
                raw = await self._exchange(request, try_s, event="settle")
                found = parse(raw, Settled)
            except (Lost, BadAnswer, OfficeDown, OfficeRefused):
                return None
            if found.state != "in_progress":
                return found if found.key == key else None
            await asyncio.sleep(ASK_AGAIN_S)

    async def _exchange(self, request: httpx.Request, try_s: float, *, event: str = "try") -> Raw:
        return await self._told(self._within(request), try_s, event=event)

    async def _told(
        self,
        asking: Awaitable[Found],
        try_s: float,
        *,
        event: str = "try",
        slow: str = "office_slow",
    ) -> Found:
        """One request, told to the span of the use as an event that holds nobody's data."""
        clock = asyncio.get_running_loop().time
        began, result = clock(), "cancelled"
        try:
            async with asyncio.timeout(try_s):
                found = await asking
            result = "answered"
        except TimeoutError as error:
            result = slow
            raise Lost(slow, timed_out=True) from error
        except (Lost, ToolError) as error:
            result = error.code
            raise
        finally:
            took_s = round(clock() - began, 4)
            trace.get_current_span().add_event(
                event, {"frontdesk.result": result, "frontdesk.duration_s": took_s}
            )
        return found

    async def _within(self, request: httpx.Request) -> Raw:
        try:
            return await self._answer(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Lost("office_unreachable", sent=False) from error
        except httpx.TransportError as error:
            raise Lost("office_cut_off") from error

    async def _answer(self, request: httpx.Request) -> Raw:
        response = await self._client.send(request, stream=True)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise BadAnswer("encoded_answer")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self.policy.answer_bytes:
                    raise BadAnswer("answer_too_large")
        finally:
            await response.aclose()
        raw = Raw(response.status_code, response.headers, bytes(body))
        return meaning(raw, gives_code=self.policy.gives_code)

    def _request(
        self,
        method: str,
        path: str,
        parts: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: BaseModel | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        # Part of a path, these would lead to another one.
        astray = [name for name, value in parts.items() if value in ("", ".", "..")]
        if any(f"{{{name}}}" in path for name in astray):
            raise ValueError("what fills a path is one segment of it")
        quoted = {name: quote(value, safe="") for name, value in parts.items()}
        sent: Any = None if body is None else body.model_dump(mode="json", exclude_none=True)
        return self._client.build_request(
            method, path.format_map(quoted), params=query, json=sent, headers=headers
        )

    async def _pause_after(self, lost: Lost, attempt: int) -> None:
        if attempt + 1 >= self.policy.tries or not self._has_time_after(lost, attempt):
            raise _trouble(lost) from lost
        await self._pause(lost, attempt)

    def _has_time_after(self, lost: Lost, attempt: int) -> bool:
        pause = max(lost.retry_after_s, FIRST_PAUSE_S * (1 << attempt))
        return asyncio.get_running_loop().time() + pause < self._ends_at

    async def _pause(self, lost: Lost, attempt: int) -> None:
        self.retries += 1
        jittered = FIRST_PAUSE_S * 2**attempt * random.uniform(0.5, 1.0)
        await asyncio.sleep(max(lost.retry_after_s, jittered))


def _trouble(lost: Lost) -> OfficeDown | OfficeTimeout:
    return OfficeTimeout(lost.code) if lost.timed_out else OfficeDown(lost.code)
