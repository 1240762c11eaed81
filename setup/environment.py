"""`.venv`: exactly what requirements.lock says, and frontdesk itself, put there by uv.

uv comes from PATH; without one, pip puts the version pinned in `setup/uv.txt` into `.uv/`, an
environment of its own, so that nothing outside the repository changes.
"""

import os
import shutil
import sys
from pathlib import Path

from setup.doing import REPO, Teller, run
from setup.stamps import fingerprint, stamped, write_stamp
from setup.steps import Step

VENV = REPO / ".venv"
STAMP = VENV / "frontdesk.stamp"
OWN_UV = REPO / ".uv"
UV_PIN = REPO / "setup" / "uv.txt"
LOCK = REPO / "requirements.lock"
# A Python fetched by uv would come from outside the package registries.
UV_ENV = {"UV_PYTHON_DOWNLOADS": "never"}


def needs_own_uv() -> bool:
    """Whether this machine has no uv, neither on PATH nor fetched before."""
    return shutil.which("uv") is None and not _own_uv_done()


def uv(teller: Teller) -> Path:
    """The uv to use, fetched first where there is none."""
    if found := shutil.which("uv"):
        return Path(found)
    own = OWN_UV / "bin" / "uv"
    if not _own_uv_done():
        teller.say("  no uv on PATH: pip puts one into .uv/")
        run([sys.executable, "-m", "venv", "--clear", OWN_UV], what="uv venv", teller=teller)
        pip: list[str | Path] = [OWN_UV / "bin" / "python", "-m", "pip", "install", "--quiet"]
        run([*pip, "--require-hashes", "-r", UV_PIN], what="uv install", teller=teller)
        write_stamp(OWN_UV / "frontdesk.stamp", fingerprint([UV_PIN]))
    return own


def step() -> Step:
    """The step that makes `.venv`."""
    return Step("Python environment .venv", 45, _done, _make)


def _own_uv_done() -> bool:
    stamp = OWN_UV / "frontdesk.stamp"
    return (OWN_UV / "bin" / "uv").exists() and stamped(stamp, fingerprint([UV_PIN]))


def _made_from() -> str:
    # An environment knows its own place and its interpreter; moved or upgraded, it is another.
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return fingerprint([LOCK, REPO / "pyproject.toml"], str(REPO), version)


def _done() -> bool:
    return (VENV / "bin" / "python").exists() and stamped(STAMP, _made_from())


def _make(teller: Teller) -> None:
    installer = uv(teller)
    STAMP.unlink(missing_ok=True)
    if not _fits():
        python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        chosen = python if python.exists() else Path(sys.executable)
        command: list[str | Path] = [
            installer,
            "venv",
            "--quiet",
            "--clear",
            "--python",
            chosen,
            VENV,
        ]
        run(command, what="python venv", teller=teller, env=UV_ENV)
    onto: list[str | Path] = ["--python", VENV]
    # Compiled here once: where PYTHONDONTWRITEBYTECODE is set, every start would compile it all
    # again, and a stack would take 9 s instead of 5 s.
    run(
        [installer, "pip", "sync", *onto, "--compile-bytecode", "--require-hashes", LOCK],
        what="python packages",
        teller=teller,
        estimate_s=45,
        env=UV_ENV,
    )
    editable = ["--no-deps", "--no-build-isolation", "-e", str(REPO)]
    install: list[str | Path] = [installer, "pip", "install", *onto, *editable]
    run(install, what="frontdesk itself", teller=teller, env=UV_ENV)
    write_stamp(STAMP, _made_from())


def _fits() -> bool:
    """Whether the `.venv` that is there runs the Python that set-up runs on."""
    site = VENV / "lib" / f"python3.{sys.version_info.minor}"
    return site.is_dir() and os.access(VENV / "bin" / "python", os.X_OK)
