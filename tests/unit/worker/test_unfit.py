"""What livekit-agents and the system say, reworded for the worker's operator."""

import logging
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr
from yarl import URL

from agent.settings import Settings
from agent.unfit import NOT_LIVEKIT, REFUSED, UNREACHABLE, ConnectionSentences, reason

SETTINGS = Settings(
    livekit_url="ws://sip.example.com",
    livekit_api_key="key",
    livekit_api_secret=SecretStr("a-secret"),
    openai_api_key=SecretStr("none"),
    http_port=8081,
    metrics_port=9464,
)


def handshake(status: int) -> aiohttp.WSServerHandshakeError:
    """An answer to the worker's knock that is no WebSocket."""
    url = URL("ws://sip.example.com/agent")
    info = aiohttp.RequestInfo(url, "GET", {}, url)  # type: ignore[arg-type]
    return aiohttp.WSServerHandshakeError(info, (), status=status)


def record(message: str, **extra: Any) -> logging.LogRecord:
    """A line of livekit-agents' log."""
    made = logging.LogRecord("livekit.agents", logging.WARNING, "", 1, message, None, None)
    made.__dict__.update(extra)
    return made


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (handshake(401), REFUSED),
        (handshake(403), REFUSED),
        (handshake(404), NOT_LIVEKIT),
        (handshake(200), NOT_LIVEKIT),
        (ConnectionRefusedError(111, "refused"), UNREACHABLE),
        (TimeoutError(), UNREACHABLE),
    ],
)
def test_a_failed_connection_is_told_with_its_fix(error: Exception, sentence: str) -> None:
    """A wrong secret, a wrong address and a server that is down need different hands."""
    sentences = ConnectionSentences()
    line = record("failed to connect to livekit, retrying in 2s", error=error)

    assert sentences.filter(line)
    assert line.getMessage() == sentence
    gave_up = RuntimeError("failed to connect to livekit after 16 attempts")
    assert reason(gave_up, SETTINGS, sentences) == f"{sentence} (ws://sip.example.com)"


def test_other_lines_stay_as_they_are() -> None:
    """Nothing else of the library's log is ours to change."""
    line = record("registered worker", id="AW_1")

    assert ConnectionSentences().filter(line)
    assert line.getMessage() == "registered worker"


def test_the_trace_behind_the_last_sentence_is_dropped() -> None:
    """Our own sentence comes after it; any other trace stays."""
    line = record("Error in _connection_task")
    gave_up = RuntimeError("failed to connect to livekit after 2 attempts")
    for error, kept in ((gave_up, False), (KeyError("bug"), True)):
        line.exc_info = (type(error), error, None)

        assert ConnectionSentences().filter(line) is kept


@pytest.mark.parametrize(
    ("port", "variable"), [(8081, "FRONTDESK_HTTP_PORT"), (9464, "FRONTDESK_METRICS_PORT")]
)
def test_a_taken_port_is_told_with_its_variable(port: int, variable: str) -> None:
    """The number alone would send the operator searching."""
    says = f"error while attempting to bind on address ('127.0.0.1', {port}): address in use"

    told = reason(OSError(98, says), SETTINGS, ConnectionSentences())

    assert told == f"cannot listen on 127.0.0.1:{port} (address in use): set {variable}"


@pytest.mark.parametrize("error", [RuntimeError("bug"), OSError(28, "No space left"), KeyError()])
def test_a_bug_stays_a_bug(error: Exception) -> None:
    """It comes out with its trace."""
    assert reason(error, SETTINGS, ConnectionSentences()) is None


def test_no_sentence_holds_a_secret(tmp_path: Path) -> None:
    """Nor does the repr of the settings."""
    gave_up = RuntimeError("failed to connect to livekit after 2 attempts")
    told = reason(gave_up, SETTINGS, ConnectionSentences())

    assert "a-secret" not in f"{told} {SETTINGS!r}"


def test_an_address_that_is_none_is_told_by_its_setting() -> None:
    """The resolver's own words name no setting."""
    error = socket.gaierror(-2, "Name or service not known")

    says = reason(error, SETTINGS, ConnectionSentences())
    assert says == "127.0.0.1 is no address: set FRONTDESK_HTTP_HOST to one of this machine"
