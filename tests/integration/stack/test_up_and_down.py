"""`make up`, `down` and `status`: one stack that stays, and never a false word about it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.settings import StackSettings
from rehearsal.stack import detached
from tests.integration.livekit import wait_until
from tests.integration.stack.groups import gone

COMMAND_TIMEOUT_S = 100.0


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[StackSettings]:
    """A run folder of our own; what a failed test leaves up is ended."""
    settings = StackSettings(run_folder=tmp_path)
    yield settings
    detached.down(settings)


def rehearsal(verb: str, settings: StackSettings) -> "subprocess.CompletedProcess[str]":
    """`python -m rehearsal VERB`, as make runs it."""
    return subprocess.run(
        [sys.executable, "-m", "rehearsal", verb],
        env={**os.environ, "FRONTDESK_RUN_FOLDER": str(settings.run_folder)},
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        check=False,
    )


def test_a_stack_stays_up_until_it_is_taken_down(settings: StackSettings) -> None:
    """It outlives its command, says what to dial, stands only once, and goes without a trace."""
    first = rehearsal("up", settings)
    assert first.returncode == 0, first.stderr
    assert "sip:+15557654321@127.0.0.1:" in first.stdout
    standing = detached.standing(settings)
    assert standing is not None

    second = rehearsal("up", settings)
    assert second.returncode == 0
    assert second.stdout == f"already up\n{first.stdout}"

    assert rehearsal("down", settings).stdout == "down\n"
    assert detached.standing(settings) is None
    assert rehearsal("down", settings).stdout == "nothing is up\n"


def test_a_part_that_cannot_start_is_said_by_up(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason reaches the terminal, not only a file, and status repeats it."""
    monkeypatch.setenv("FRONTDESK_LIVEKIT_SIP", "/nowhere/livekit-sip")

    failed = rehearsal("up", settings)

    assert failed.returncode == 1
    assert "FRONTDESK_LIVEKIT_SIP=/nowhere" in failed.stderr
    assert "FRONTDESK_LIVEKIT_SIP=" in rehearsal("status", settings).stderr


def test_ctrl_c_while_it_starts_leaves_nothing(settings: StackSettings) -> None:
    """It says so, and the process that was to hold the stack is gone."""
    lock = settings.run_folder / "up.lock"
    with subprocess.Popen(
        [sys.executable, "-m", "rehearsal", "up"],
        env={**os.environ, "FRONTDESK_RUN_FOLDER": str(settings.run_folder)},
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert wait_until(lambda: lock.exists() and lock.read_text() != "")
        holder = int(lock.read_text())
        command.send_signal(signal.SIGINT)
        _, says = command.communicate(timeout=COMMAND_TIMEOUT_S)

    assert (command.returncode, says) == (
        1,
        "interrupted; everything that was started has been ended\n",
    )
    assert gone(holder)


def test_a_state_file_without_its_process_is_no_stack(settings: StackSettings) -> None:
    """A machine that lost power leaves one behind; the process id may be anybody's by now."""
    left = detached.Standing(
        pid=os.getpid(), folder=Path("/"), dial="", livekit_url="", api_key="", api_secret="",
        office_url="", model_url="", worker_url="", metrics_url="",
    )  # fmt: skip
    (settings.run_folder / "up.json").write_text(left.model_dump_json(), encoding="utf-8")

    assert detached.standing(settings) is None
    assert detached.down(settings) is False
