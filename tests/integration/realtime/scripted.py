"""The scripted model as a process of its own, and what tests may ask of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.livekit import wait_until

END_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class ScriptedModel:
    """Where it listens."""

    port: int

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL would be."""
        return f"http://127.0.0.1:{self.port}/v1"

    def next(self, *faults: str | dict[str, Any], **figures: Any) -> None:
        """Order faults and figures for the session that begins next."""
        httpx.post(self._control("next"), json={"faults": faults, **figures}).raise_for_status()

    def stand(self, *faults: str | dict[str, Any]) -> None:
        """Let faults hold for every session, live ones included."""
        httpx.post(self._control("faults"), json={"faults": faults}).raise_for_status()

    def clear(self) -> None:
        """Forget every fault."""
        httpx.delete(self._control("faults")).raise_for_status()

    def sessions(self) -> list[dict[str, Any]]:
        """What every session heard and said."""
        found = httpx.get(self._control("sessions")).raise_for_status().json()["sessions"]
        return list(found)

    def _control(self, what: str) -> str:
        return f"http://127.0.0.1:{self.port}/rehearsal/{what}"


@contextmanager
def serving(folder: Path) -> Iterator[ScriptedModel]:
    """A model that listens; its log lies in `folder`."""
    log = folder / "model.log"
    command = [sys.executable, "-m", "rehearsal.model", "--port", "0", "--log", str(log)]
    with (folder / "model.err").open("wb") as complaints:
        process = subprocess.Popen(command, stderr=complaints)
    try:
        wait_until(lambda: _port(log) is not None or process.poll() is not None)
        port = _port(log)
        if port is None:
            pytest.fail(f"the model did not start:\n{(folder / 'model.err').read_text()[-2000:]}")
        yield ScriptedModel(port)
    finally:
        process.terminate()
        try:
            process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(END_TIMEOUT_S)


def _port(log: Path) -> int | None:
    if not log.exists():
        return None
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    return next((int(line["port"]) for line in lines if "port" in line), None)
