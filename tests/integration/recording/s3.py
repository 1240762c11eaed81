"""A storage that speaks S3, as a process: it can be away and come back.

`versitygw` where it is on PATH, a gateway for production: it checks who asks and what arrives.
Otherwise moto's server, which knows the protocol and trusts everybody.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import SecretStr

from records.settings import RecordingStorage

READY_TIMEOUT_S = 30.0
END_TIMEOUT_S = 10.0
BUCKET = "sound"
USER, SECRET = "frontdesk", "not-a-secret-of-anybody"


@dataclass
class S3:
    """One server on a port of its own."""

    folder: Path
    port: int
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def endpoint(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def serves(self) -> bool:
        """Whether it runs."""
        return self._process is not None

    def settings(self, **changed: object) -> RecordingStorage:
        """What an operator would set for it."""
        given: dict[str, object] = {
            "url": f"s3://{BUCKET}/calls",
            "endpoint": self.endpoint,
            "region": "us-east-1",
            "access_key_id": USER,
            "secret_access_key": SecretStr(SECRET),
            "connect_timeout_s": 1.0,
            "transfer_timeout_s": 10.0,
        }
        return RecordingStorage.model_validate({**given, **changed})

    def start(self) -> None:
        """Have it serve, with an empty bucket or the one it had; returns when it does."""
        gateway = shutil.which("versitygw")
        if gateway:
            (self.folder / BUCKET).mkdir(exist_ok=True)
            command = [gateway, "--port", f"127.0.0.1:{self.port}", "posix", str(self.folder)]
            keys = {"ROOT_ACCESS_KEY": USER, "ROOT_SECRET_KEY": SECRET}
        else:
            command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", f"-p{self.port}"]
            keys = {}
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **keys},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        if not gateway:
            httpx.put(f"{self.endpoint}/{BUCKET}").raise_for_status()

    def stop(self) -> None:
        """Have it away."""
        if self._process:
            self._process.terminate()
            self._process.wait(END_TIMEOUT_S)
            self._process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(self.endpoint)
                return
            if time.monotonic() > deadline:
                raise TimeoutError("the S3 server does not serve")
            time.sleep(0.05)


@contextmanager
def serving(folder: Path) -> Iterator[S3]:
    """A server for a block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = S3(folder, free.getsockname()[1])
    server.start()
    try:
        yield server
    finally:
        server.stop()
