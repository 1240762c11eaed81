"""LiveKit is gone, refuses the worker or is something else: what the operator reads."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.unfit import NOT_LIVEKIT, REFUSED, UNREACHABLE
from tests.integration import livekit
from tests.integration.livekit import wait_until
from tests.integration.starting.worker import SECRETS, is_gone, lines, run, running

STARTS_SLOWLY = "timed out waiting for idle processes to initialize"


def end_of(**changes: str | None) -> list[dict[str, Any]]:
    """What a worker logs that must give up."""
    done = run("start", **changes)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not [secret for secret in SECRETS if secret in done.stderr]
    return lines(done.stderr)


def warnings(log: list[dict[str, Any]]) -> list[str]:
    """Sentences of the warnings in it, but for the library's own about a slow machine.

    Nor that of the Redis, which is named to these workers and is not there.
    """
    told = [line["event"] for line in log if line["level"] == "warning"]
    return [event for event in told if event not in (STARTS_SLOWLY, "redis does not answer")]


@contextmanager
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens, who speaks no HTTP."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_livekit_that_is_not_there_is_told_with_the_fix() -> None:
    """At each try, and once more when the worker gives up."""
    log = end_of(LIVEKIT_URL="ws://127.0.0.1:1")

    assert warnings(log) == [UNREACHABLE, UNREACHABLE]
    assert log[-1]["level"] == "critical"
    assert log[-1]["event"] == f"{UNREACHABLE} (ws://127.0.0.1:1)"


def test_a_wrong_secret_is_told_apart(tmp_path: Path) -> None:
    """The address is right; the operator looks for the key."""
    with livekit.serving(tmp_path, redis=False) as server:
        log = end_of(LIVEKIT_URL=server.url, LIVEKIT_API_KEY=server.key)

    assert warnings(log) == [REFUSED, REFUSED]
    assert log[-1]["event"] == f"{REFUSED} ({server.url})"


def test_something_else_at_livekits_address_is_told_apart(tmp_path: Path) -> None:
    """A web server answers at that address; the worker's door is not there."""
    with livekit.serving(tmp_path, redis=False) as server:
        keys = {"LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
        log = end_of(LIVEKIT_URL=f"{server.url}/nowhere", **keys)

    assert set(warnings(log)) == {NOT_LIVEKIT}


@pytest.mark.parametrize("variable", ["FRONTDESK_HTTP_PORT", "FRONTDESK_METRICS_PORT"])
def test_a_taken_port_is_told_with_the_variable(variable: str) -> None:
    """Two workers on one machine meet at this."""
    with taken_port() as port:
        log = end_of(**{variable: str(port)})

    says = f"cannot listen on 127.0.0.1:{port} (address already in use): set {variable}"
    assert log[-1]["event"] == says


def test_nothing_is_left_of_a_worker_that_waits_for_livekit_and_is_stopped(tmp_path: Path) -> None:
    """SIGTERM ends it at once and well: no call is in progress, no process stays."""
    log = tmp_path / "log"
    with running(log, FRONTDESK_LIVEKIT_RETRIES="16") as worker:
        assert wait_until(lambda: UNREACHABLE in log.read_text())
        worker.send_signal(signal.SIGTERM)

        assert worker.wait(15) == 0
        assert wait_until(lambda: is_gone(worker.pid))


def test_a_worker_finds_a_livekit_that_comes_later(tmp_path: Path) -> None:
    """The order in which machines start is nobody's business; the ready file tells the moment."""
    log, ready = tmp_path / "log", tmp_path / "ready"
    with livekit.serving(tmp_path, redis=False) as server:
        pass
    program = livekit._program("livekit-server", "FRONTDESK_LIVEKIT_SERVER")
    again = [program, "--config", str(tmp_path / "livekit.yaml")]
    with running(
        log,
        LIVEKIT_URL=server.url,
        LIVEKIT_API_KEY=server.key,
        LIVEKIT_API_SECRET=server.secret,
        FRONTDESK_LIVEKIT_RETRIES="16",
        FRONTDESK_READY_FILE=str(ready),
    ) as worker:
        assert wait_until(lambda: UNREACHABLE in log.read_text())
        assert not ready.exists()
        with livekit._running(again, tmp_path / "again.log"):
            assert wait_until(ready.exists), log.read_text()[-2000:]
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0
    assert not ready.exists()


def test_dev_answers_with_one_warm_process_and_debug_logs(tmp_path: Path) -> None:
    """For whoever writes tools: everything is told, and Ctrl-C ends it."""
    log, ready = tmp_path / "log", tmp_path / "ready"
    with livekit.serving(tmp_path, redis=False) as server:
        keys = {"LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret}
        several = {"FRONTDESK_IDLE_PROCESSES": "3", "FRONTDESK_READY_FILE": str(ready)}
        with running(log, "dev", LIVEKIT_URL=server.url, **keys, **several) as worker:
            assert wait_until(ready.exists), log.read_text()[-2000:]
            worker.send_signal(signal.SIGINT)
            assert worker.wait(15) == 0
    told = lines(log.read_text())
    assert "debug" in {line["level"] for line in told}
    assert [line["event"] for line in told].count("process initialized") == 1
