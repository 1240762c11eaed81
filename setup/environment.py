"""Python environments made from a lock, and the uv that makes them.

`.venv` is exactly what requirements.lock says, and frontdesk itself; the benchmark's peers get one
of their own the same way. uv comes from PATH; without one, pip puts the version pinned in
`setup/uv.txt` into `.uv/`, an environment of its own, so that nothing outside the repository
changes.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from setup.doing import REPO, Teller, run
from setup.stamps import fingerprint, stamped, write_stamp
from setup.steps import Step

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


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds what `lock` says and nothing else.

    `what` names it in progress lines and logs. With `ours`, frontdesk is installed into it too,
    editable.
    """

    folder: Path
    lock: Path
    what: str
    estimate_s: float
    ours: bool = False

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def done(self) -> bool:
        """Whether it stands and was made from this very lock."""
        return self.python.exists() and stamped(self._stamp, self._made_from())

    def make(self, teller: Teller) -> None:
        """Make it, or change it into what the lock says now.

        Raises:
            CannotSetUp: uv failed; the message ends with what it said.
        """
        installer = uv(teller)
        self._stamp.unlink(missing_ok=True)
        if not self._fits():
            self._begin(installer, teller)
        onto: list[str | Path] = ["--python", self.folder]
        # Compiled here once: where PYTHONDONTWRITEBYTECODE is set, every start would compile it
        # all again, and a stack would take 9 s instead of 5 s.
        run(
            [installer, "pip", "sync", *onto, "--compile-bytecode", "--require-hashes", self.lock],
            what=f"{self.what} packages",
            teller=teller,
            estimate_s=self.estimate_s,
            env=UV_ENV,
        )
        if self.ours:
            editable = ["--no-deps", "--no-build-isolation", "-e", str(REPO)]
            install: list[str | Path] = [installer, "pip", "install", *onto, *editable]
            run(install, what="frontdesk itself", teller=teller, env=UV_ENV)
        write_stamp(self._stamp, self._made_from())

    @property
    def _stamp(self) -> Path:
        return self.folder / "frontdesk.stamp"

    def _made_from(self) -> str:
        # An environment knows its own place and its interpreter; moved or upgraded, it is another.
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        files = [self.lock, REPO / "pyproject.toml"] if self.ours else [self.lock]
        return fingerprint(files, str(REPO), version)

    def _fits(self) -> bool:
        """Whether the environment that is there runs the Python that set-up runs on."""
        site = self.folder / "lib" / f"python3.{sys.version_info.minor}"
        return site.is_dir() and os.access(self.python, os.X_OK)

    def _begin(self, installer: Path, teller: Teller) -> None:
        python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
        chosen = python if python.exists() else Path(sys.executable)
        plain: list[str | Path] = ["venv", "--quiet", "--clear", "--python", chosen]
        run([installer, *plain, self.folder], what=f"{self.what} venv", teller=teller, env=UV_ENV)


VENV = Environment(REPO / ".venv", LOCK, "python", estimate_s=45, ours=True)


def step() -> Step:
    """The step that makes `.venv`."""
    return Step("Python environment .venv", VENV.estimate_s, VENV.done, VENV.make)


def _own_uv_done() -> bool:
    stamp = OWN_UV / "frontdesk.stamp"
    return (OWN_UV / "bin" / "uv").exists() and stamped(stamp, fingerprint([UV_PIN]))
