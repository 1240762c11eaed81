"""The programs and libraries the operating system has to bring.

What counts is whether a thing is there, not which package brought it, so each need carries its
own probe. On Debian as root the missing ones are installed; anywhere else set-up says the one line
that does it and stops.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from setup.doing import CannotSetUp, Teller, output_of, run

POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = (
    "#!/bin/sh\n# frontdesk's set-up wants the programs, not running services.\nexit 101\n"
)
# Where systems keep the programs of each version.
POSTGRES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)
# Homebrew's casks put programs where no PATH leads.
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
APT_ENV = {"DEBIAN_FRONTEND": "noninteractive"}
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3")


@dataclass(frozen=True)
class Need:
    """One thing wanted from the system. `brew` is empty where macOS brings it itself."""

    debian: str
    brew: str
    present: Callable[[], bool]


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


def _library(name: str) -> Callable[[], bool]:
    return lambda: output_of(["pkg-config", "--exists", name]) is not None


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest; Debian and Homebrew put none on PATH."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).parent] if on_path else []
    for root, pattern in POSTGRES:
        folders += sorted(Path(root).glob(pattern), key=_version, reverse=True)
    whole = (at for at in folders if (at / "initdb").exists() and (at / "postgres").exists())
    return next(whole, None)


def browser() -> Path | None:
    """Chromium, or the browser made of it that the system has."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    on_path = next((at for at in found if at), None)
    places = [Path(on_path)] if on_path else [Path(app) for app in MAC_BROWSERS]
    return next((place for place in places if place.exists()), None)


def _version(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


def _compiles() -> bool:
    return output_of(["gcc", "-E", "-include", "stdio.h", "-x", "c", os.devnull]) is not None


CALLS = (
    Need("redis-server", "redis", _program("redis-server")),
    Need("flite", "flite", _program("flite")),
    Need("espeak-ng", "espeak-ng", _program("espeak-ng")),
    Need("baresip-core", "baresip", _program("baresip")),
    Need("sox", "sox", _program("sox")),
)
TESTING = (
    # Tests start a server of their own; none that is running is needed.
    Need("postgresql", "postgresql@17", lambda: postgres_programs() is not None),
    # The page of a call is opened in it.
    Need("chromium", "chromium", lambda: browser() is not None),
    # promtool comes with it.
    Need("prometheus", "prometheus", _program("promtool")),
)
COMPILING = (
    Need("gcc", "", _program("gcc")),
    # cgo links livekit-sip against libc, whose headers gcc only recommends.
    Need("libc6-dev", "", _compiles),
    Need("pkg-config", "pkg-config", _program("pkg-config")),
    Need("libopus-dev", "opus", _library("opus")),
    Need("libopusfile-dev", "opusfile", _library("opusfile")),
    Need("libsoxr-dev", "libsoxr", _library("soxr")),
)
OWN_UV = (Need("python3-venv", "", lambda: importlib.util.find_spec("ensurepip") is not None),)


def absent(needs: Sequence[Need]) -> list[Need]:
    """Those of `needs` that the system does not have."""
    return [need for need in needs if not need.present()]


def install(needs: Sequence[Need], teller: Teller) -> None:
    """Install what of `needs` is absent.

    Raises:
        CannotSetUp: this is not Debian as root, or apt-get failed, or what it installed does not
            bring what was missing.
    """
    wanted = absent(needs)
    if not wanted:
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        raise CannotSetUp(how_to_install(wanted))
    packages = [need.debian for need in wanted]
    teller.say(f"  installing {' '.join(packages)}")
    with _no_services():
        # An image may carry no lists, or lists so old that what they name is gone.
        run([*APT, "update"], what="apt-get update", teller=teller, env=APT_ENV)
        run(
            [*APT, "install", "-y", "--no-install-recommends", *packages],
            what="apt-get install",
            teller=teller,
            estimate_s=60,
            env=APT_ENV,
        )
    if still := absent(needs):
        names = ", ".join(need.debian for need in still)
        raise CannotSetUp(
            f"{names}: installed by apt-get, yet not found on PATH={os.environ['PATH']}"
        )


def how_to_install(wanted: Sequence[Need]) -> str:
    """The sentence that names what is missing and the one line that installs it."""
    names = ", ".join(need.debian for need in wanted)
    if shutil.which("brew"):
        brewed = [need.brew for need in wanted if need.brew]
        # What Homebrew does not have comes with Apple's command line tools.
        tools = ["xcode-select --install"] if len(brewed) < len(wanted) else []
        line = " && ".join(tools + ([f"brew install {' '.join(brewed)}"] if brewed else []))
    elif shutil.which("apt-get"):
        line = "sudo apt-get install -y " + " ".join(need.debian for need in wanted)
    else:
        line = "your system's packages for: " + " ".join(need.debian for need in wanted)
    fix = "Install them with this line, then run `make setup` again:"
    return f"missing on this system: {names}. {fix}\n    {line}"


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep Debian from starting Redis and PostgreSQL as services: ours are started by us."""
    leftover = POLICY.exists() and POLICY.read_text(encoding="utf-8") == POLICY_TEXT
    if POLICY.exists() and not leftover:
        yield
        return
    POLICY.write_text(POLICY_TEXT, encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
