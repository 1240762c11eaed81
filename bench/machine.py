"""What was measured, and on what: the code by its commit, the machine by its cores and its load."""

import os
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
GIT_TIMEOUT_S = 10.0


def revision(folder: Path = REPO) -> dict[str, object]:
    """The commit of the code, short, and whether files differ from it; None outside a checkout."""
    commit = _git(folder, "rev-parse", "--short", "HEAD")
    changed = _git(folder, "status", "--porcelain")
    return {"commit": commit, "dirty": None if changed is None else changed != ""}


def load() -> float:
    """How busy the machine has been in the last minute, in cores."""
    return round(os.getloadavg()[0], 2)


def machine(load_before: float) -> dict[str, object]:
    """Cores, and the load before the run and now."""
    loads = {"before": load_before, "after": load()}
    return {"cores": os.cpu_count(), "load_1_min": loads}


def _git(folder: Path, *command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *command],
            capture_output=True,
            text=True,
            timeout=GIT_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
