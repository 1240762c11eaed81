"""The worker as a process with settings of a test's own, and nothing of this machine's."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

REPO = Path(__file__).parents[3]
SECRETS = (
    "livekit-secret-of-thirty-two-characters",
    "openai-key",
    "office-key",
    "cmVjb3JkcyBrZXkgb2YgdGhpcnR5LXR3byBieXRlcy4=",
)
EXIT_TIMEOUT_S = 60.0
# A database that other work on this machine had brought to tables of its own would be refused.
FOLDER = tempfile.TemporaryDirectory(prefix="frontdesk-test-")
atexit.register(FOLDER.cleanup)


def environment(**changes: str | None) -> dict[str, str]:
    """Good settings with `changes`; None leaves a variable out."""
    good: dict[str, str | None] = {
        "PATH": os.environ["PATH"],
        "LIVEKIT_URL": "ws://127.0.0.1:1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": SECRETS[0],
        "OPENAI_API_KEY": SECRETS[1],
        "FRONTDESK_OFFICE_URL": "http://127.0.0.1:1",
        "FRONTDESK_OFFICE_KEY": SECRETS[2],
        "FRONTDESK_REDIS_URL": "redis://127.0.0.1:1",
        "FRONTDESK_RECORDS_URL": f"sqlite+aiosqlite:///{FOLDER.name}/records.db",
        "FRONTDESK_RECORDS_KEY": SECRETS[3],
        "FRONTDESK_PROFILES": str(REPO / "rehearsal" / "profiles"),
        "FRONTDESK_RECORDS_SPOOL": str(Path(FOLDER.name) / "spool"),
        "FRONTDESK_RECORDINGS_URL": str(Path(FOLDER.name) / "recordings"),
        "FRONTDESK_RECORDINGS_WAITING": str(Path(FOLDER.name) / "recordings-waiting"),
        "FRONTDESK_LIVEKIT_RETRIES": "2",
        "FRONTDESK_IDLE_PROCESSES": "1",
        "FRONTDESK_HTTP_PORT": "0",
        "FRONTDESK_METRICS_PORT": "0",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def run(verb: str, **changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Run `python -m agent VERB` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "agent", verb],
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=EXIT_TIMEOUT_S,
        check=False,
    )


@contextmanager
def running(
    log: Path, verb: str = "start", **changes: str | None
) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m agent VERB` in a session of its own; what is left of it at the end is killed."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent", verb],
            env=environment(**changes),
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(EXIT_TIMEOUT_S)


def is_gone(session: int) -> bool:
    """Whether no process of a session is left."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return True
    return False


def lines(text: str) -> list[dict[str, Any]]:
    """Log lines; what is not JSON is left out."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
