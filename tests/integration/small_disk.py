"""A disk of a few megabytes that a test can fill: a tmpfs, which only root can mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MOUNT_TIMEOUT_S = 10.0
_BLOCK = bytes(4096)


@dataclass(frozen=True)
class SmallDisk:
    """Where it is mounted."""

    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte more fits while the block lasts."""
        ballast = self.folder / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(_BLOCK):
                    pass
            except OSError:
                pass
        try:
            yield
        finally:
            ballast.unlink()


@contextmanager
def small_disk(
    folder: Path, *, megabytes: int, owner: int = 0, group: int = 0
) -> Iterator[SmallDisk]:
    """One at `folder`, which is made; skips the test where nobody may mount one."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=700,uid={owner},gid={group}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0:
        pytest.skip("a small disk has to be mounted, which only root can do")
    mounted = subprocess.run(
        command, capture_output=True, text=True, timeout=MOUNT_TIMEOUT_S, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: a database that was just closed may hold a file for a moment more.
        subprocess.run(["umount", "-l", str(folder)], timeout=MOUNT_TIMEOUT_S, check=False)
