"""A real livekit-server with a real Redis, on free ports in a folder of their own.

For every integration test that needs LiveKit: `with serving(folder) as server:`. Programs come
from FRONTDESK_LIVEKIT_SERVER, PATH or `.build/bin`, as `make setup` leaves them; one that is
missing fails the test with the fix. Only what was started here is ended.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rehearsal.stack.ports import any_port

READY_TIMEOUT_S = 60.0
END_TIMEOUT_S = 5.0

_REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """Where it listens and with what it is spoken to. `redis` is None when there is none."""

    url: str
    key: str
    secret: str = field(repr=False)
    redis: "subprocess.Popen[bytes] | None" = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """This process's environment with the server's address and key."""
        named = {"LIVEKIT_URL": self.url, "LIVEKIT_API_KEY": self.key}
        return {**os.environ, **named, "LIVEKIT_API_SECRET": self.secret}


@contextmanager
def serving(folder: Path, *, redis: bool = True, webhook: str = "") -> Iterator[Server]:
    """A server that is ready; `webhook` is the address it reports to. Logs lie in `folder`."""
    key, secret = "key" + secrets.token_hex(4), secrets.token_hex(20)
    with ExitStack() as stack:
        store, store_port = None, any_port()
        if redis:
            command = [
                _program("redis-server", "FRONTDESK_REDIS_SERVER"),
                "--port",
                f"{store_port}",
            ]
            command += ["--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
            store = stack.enter_context(_running(command, folder / "redis.log"))
            _until(store, folder / "redis.log", lambda: accepts(store_port))
        port = any_port()
        config: dict[str, object] = {
            "port": port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "tcp_port": any_port(),
                "udp_port": any_port(),
                "node_ip": "127.0.0.1",
                "enable_loopback_candidate": True,
                "ips": {"includes": ["127.0.0.0/8"]},
            },
            "room": {"departure_timeout": 1},
            "keys": {key: secret},
        }
        if redis:
            config["redis"] = {"address": f"127.0.0.1:{store_port}"}
        if webhook:
            config["webhook"] = {"api_key": key, "urls": [webhook]}
        # YAML understands JSON.
        (folder / "livekit.yaml").write_text(json.dumps(config))
        program = _program("livekit-server", "FRONTDESK_LIVEKIT_SERVER")
        command = [program, "--config", str(folder / "livekit.yaml")]
        server = stack.enter_context(_running(command, folder / "livekit.log"))
        _until(server, folder / "livekit.log", lambda: _healthy(f"http://127.0.0.1:{port}/"))
        yield Server(f"ws://127.0.0.1:{port}", key, secret, store)


def wait_until(happened: Callable[[], bool]) -> bool:
    """Look every 20 ms whether something `happened`; False when READY_TIMEOUT_S passed without."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def accepts(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _program(name: str, setting: str) -> str:
    built = _REPOSITORY / ".build" / "bin" / name
    found = os.environ.get(setting) or shutil.which(name) or (built.exists() and str(built))
    if not found:
        pytest.fail(f"{name} is missing: run `make setup`, or name it with {setting}")
    return found


@contextmanager
def _running(command: list[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_TIMEOUT_S)


def _until(process: "subprocess.Popen[bytes]", log: Path, ready: Callable[[], bool]) -> None:
    wait_until(lambda: ready() or process.poll() is not None)
    if not ready():
        pytest.fail(f"{log.stem} did not become ready:\n{log.read_text()[-2000:]}")


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False
