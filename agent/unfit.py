"""Why this worker cannot serve, in sentences for its operator: each names what to mend.

livekit-agents tells a wrong secret, a wrong address and a taken port by stack traces. The worker
puts `ConnectionSentences` into its log and ends by `CannotServe`; `agent.__main__` exits with 1.
"""

import logging
import socket

import aiohttp

from agent.settings import Settings

# How livekit-agents 1.8.9 begins its warnings and its last error; a test meets both.
_LIBRARY_SAYS = "failed to connect to livekit"
_LIBRARY_TRACES = "Error in _connection_task"

REFUSED = (
    "LiveKit refused the worker's key: give LIVEKIT_API_KEY and LIVEKIT_API_SECRET"
    " the values that livekit-server has"
)
NOT_LIVEKIT = "what answers at LIVEKIT_URL is not livekit-server: mend LIVEKIT_URL"
UNREACHABLE = (
    "LiveKit cannot be reached: see that livekit-server runs, or set LIVEKIT_URL to where it does"
)


class CannotServe(Exception):
    """The worker cannot go on. The message names the reason and the fix; it holds no secret."""


class ConnectionSentences(logging.Filter):
    """Put on livekit-agents' logger: its failed connections become sentences with a fix."""

    def __init__(self) -> None:
        super().__init__()
        self.latest = UNREACHABLE
        """Why the latest connection failed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every line; reword those about the connection, drop the trace that follows them."""
        if record.msg == _LIBRARY_TRACES and record.exc_info:
            return not str(record.exc_info[1]).startswith(_LIBRARY_SAYS)
        error = getattr(record, "error", None)
        if str(record.msg).startswith(_LIBRARY_SAYS) and isinstance(error, Exception):
            self.latest = record.msg = _why(error)
        return True


def reason(error: Exception, settings: Settings, connection: ConnectionSentences) -> str | None:
    """The sentence for what ended the server; None if it is no business of an operator's."""
    if isinstance(error, RuntimeError) and str(error).startswith(_LIBRARY_SAYS):
        return f"{connection.latest} ({settings.livekit_url})"
    if isinstance(error, socket.gaierror):
        return f"{settings.http_host} is no address: set FRONTDESK_HTTP_HOST to one of this machine"
    if isinstance(error, OSError):
        for variable, port in (
            ("FRONTDESK_HTTP_PORT", settings.http_port),
            ("FRONTDESK_METRICS_PORT", settings.metrics_port),
        ):
            # asyncio's message holds the address as a tuple, and nothing else holds it.
            if f", {port})" in str(error):
                where = f"{settings.http_host}:{port}"
                return f"cannot listen on {where} ({_plainly(error)}): set {variable}"
    return None


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return REFUSED if error.status in (401, 403) else NOT_LIVEKIT
    return UNREACHABLE


def _plainly(error: OSError) -> str:
    return str(error.strerror or error).rsplit(":", 1)[-1].strip()
