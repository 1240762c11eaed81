"""The folders that stacks leave under `.run/`: named by time, held while in use, thinned.

Each holds a call's recordings, logs and databases, and nobody comes back for the hundredth. A
stack holds a lock on its folder, which goes with its process, however it ends: `make clean` asks
the same lock (`setup.cleaning`).
"""

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = 20
IN_USE = "in-use.lock"

_OURS = re.compile(r"\d{8}-\d{6}-\d+-[0-9a-f]{4}")


def new_folder(root: Path) -> Path:
    """A folder for one stack under `root`, named by the time, and by us if two start at once."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return root.resolve() / f"{stamp}-{os.getpid()}-{secrets.token_hex(2)}"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep `folder` from being thinned or cleaned away as long as the block lasts."""
    with (folder / IN_USE).open("w") as lock:
        # Shared: a stack that starts again on other ports holds it twice for a moment.
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def thin(root: Path, *, keep: int = KEPT) -> int:
    """Remove all but the newest `keep` folders of stacks under `root`; how many went.

    Spared are those in use, and everything that is not named like a folder of ours.
    """
    found = sorted(root.iterdir()) if root.is_dir() else []
    ours = [folder for folder in found if folder.is_dir() and _OURS.fullmatch(folder.name)]
    old = [folder for folder in ours[: max(0, len(ours) - keep)] if not _in_use(folder)]
    for folder in old:
        # Another stack may be thinning at the same moment.
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _in_use(folder: Path) -> bool:
    try:
        with (folder / IN_USE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False
