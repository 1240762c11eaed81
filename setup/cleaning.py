"""`make clean`: removes everything that set-up and runs have made, unless some of it is in use.

A stack, a set-up and a rehearsal hold a lock for as long as they live (`rehearsal.stack.folders`,
`rehearsal.stack.detached`, `setup.__main__`); taking their files away would leave processes that
nobody could end. In shell this would need flock(1), which macOS has not.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from setup.doing import REPO, CannotSetUp

MADE = (
    *(".venv", ".uv", ".build", ".run"),
    *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"),
)


def clean(root: Path = REPO) -> None:
    """Remove it all.

    Raises:
        CannotSetUp: something is in use; nothing was removed.
    """
    if used := [lock for lock in _locks(root) if _held(lock)]:
        raise CannotSetUp(
            f"nothing removed: a stack, a call or a set-up still holds {used[0]}. `make down` ends"
            " what `make up` left running, anything else ends by itself or with Ctrl-C where it"
            " was started; then run `make clean` again"
        )
    for made in (root / name for name in MADE):
        if made.is_symlink():
            made.unlink()
        elif made.exists():
            shutil.rmtree(made)


def _locks(root: Path) -> Iterator[Path]:
    runs = Path(os.environ.get("FRONTDESK_RUN_FOLDER") or root / ".run")
    yield root / ".build" / "setup.lock"
    yield runs / "up.lock"
    yield from sorted(runs.glob("*/in-use.lock"))


def _held(lock: Path) -> bool:
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False
