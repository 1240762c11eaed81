"""HTTP to MCP servers that nobody here vouches for: a plain, bounded answer to each request.

Used by `tools.remote.wire`. What goes wrong with one request stays with that request: for an
exception of its transport the SDK ends the connection, and all that is under way on it.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx2
import structlog

from tools.remote.declared import Server

# The largest `answer_bytes` fits four times, and the parsing of more would be heard in a call.
ANSWER_BYTES = 1 << 18
FAREWELL_S = 1.0

log = structlog.get_logger(__name__)


def http_client(server: Server, key: str, tls: ssl.SSLContext | None) -> httpx2.AsyncClient:
    """A client for one server, with its key."""
    headers = {"Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    secure = (server.url or "").startswith("https:")
    verify = tls if secure and tls else secure
    return httpx2.AsyncClient(
        headers=headers,
        verify=verify,
        transport=_Careful(httpx2.AsyncHTTPTransport(verify=verify), server.name),
        timeout=httpx2.Timeout(None, connect=server.connect_timeout_s),
        trust_env=False,
    )


class TooLong(httpx2.ReadError):
    """More came than is read."""


class _Careful(httpx2.AsyncBaseTransport):
    """Passes on what may be read, and a status of its own instead of anything else."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, server: str) -> None:
        self._inner, self._server = inner, server
        self._met = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            # A stream for what the server says unasked, all through a call; none of it is used.
            return httpx2.Response(HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            async with asyncio.timeout(FAREWELL_S if request.method == "DELETE" else None):
                response = await self._inner.handle_async_request(request)
        except httpx2.RequestError as error:
            if not self._met:
                # Nothing else is under way yet, and operators are told the kind.
                raise
            _tell(self._server, error)
            return httpx2.Response(HTTPStatus.BAD_GATEWAY)
        self._met = True
        return await self._checked(request, response)

    async def _checked(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            # Bounded on the wire, it could still unfold to any size.
            await response.aclose()
            _tell(self._server, httpx2.DecodingError("compressed"))
            return httpx2.Response(HTTPStatus.BAD_GATEWAY)
        if response.is_error and "mcp-session-id" in request.headers:
            # Many servers that have forgotten a session explain it as an error of the request.
            await response.aclose()
            return httpx2.Response(response.status_code)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, self._server)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, server: str) -> None:
        self._inner, self._server = inner, server

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = ANSWER_BYTES
        try:
            async for chunk in self._inner:
                left -= len(chunk)
                if left < 0:
                    raise TooLong("more than is read")
                yield chunk
        except httpx2.RequestError as error:
            _tell(self._server, error)
            # This kind the SDK takes for the failure of one request.
            raise httpx2.StreamError("no whole answer") from error

    async def aclose(self) -> None:
        await self._inner.aclose()


def _tell(server: str, error: httpx2.RequestError) -> None:
    log.warning("an MCP server gave no usable answer", server=server, error=type(error).__name__)
