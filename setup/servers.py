"""livekit-server and livekit-sip, built from their pinned sources into `.build/bin/`.

Each has a go.mod and go.sum of its own beside this file: livekit-sip cannot be had by
`go install`, and the committed sums are what Go checks every download against. A program named by
a setting, or on PATH, is used instead and nothing is built.
"""

import mmap
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from setup.doing import BUILD, REPO, CannotSetUp, Teller, output_of, run
from setup.environment import UV_ENV, uv
from setup.stamps import fingerprint, stamped, write_stamp
from setup.steps import Step

GO_AT_LEAST = (1, 26)
GO_PIN = REPO / "setup" / "go.txt"
OWN_GO = BUILD / "go"
# A GOFLAGS or go.work of the user's must not lead past the committed sums.
GO_ENV = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}


@dataclass(frozen=True)
class Server:
    """One program. `setting` is the variable by which a user names another binary for it."""

    name: str
    setting: str
    package: str
    module: str
    cgo: bool
    estimate_s: float

    @property
    def source(self) -> Path:
        """The folder with its go.mod and go.sum."""
        return REPO / "setup" / self.name

    @property
    def binary(self) -> Path:
        """Where the build goes."""
        return BUILD / "bin" / self.name

    @property
    def version(self) -> str:
        """The version its go.mod asks for, for example "v1.13.5"."""
        for line in (self.source / "go.mod").read_text(encoding="utf-8").splitlines():
            words = line.removeprefix("require ").split()
            if words and words[0] == self.module:
                return words[1]
        raise CannotSetUp(f"{self.source / 'go.mod'} does not require {self.module}: restore it")


LIVEKIT_SERVER = Server(
    name="livekit-server",
    setting="FRONTDESK_LIVEKIT_SERVER",
    package="github.com/livekit/livekit-server/cmd/server",
    module="github.com/livekit/livekit-server",
    cgo=False,
    estimate_s=140,
)
LIVEKIT_SIP = Server(
    name="livekit-sip",
    setting="FRONTDESK_LIVEKIT_SIP",
    package="github.com/livekit/sip/cmd/livekit-sip",
    module="github.com/livekit/sip",
    cgo=True,
    estimate_s=90,
)
SERVERS = (LIVEKIT_SERVER, LIVEKIT_SIP)


def brought(server: Server) -> Path | None:
    """The program the user brings: by setting, else on PATH.

    Raises:
        CannotSetUp: the setting names something that cannot be run.
    """
    if named := os.environ.get(server.setting):
        if not os.access(named, os.X_OK):
            raise CannotSetUp(
                f"{server.setting}={named} is no program: name an executable {server.name},"
                " or unset it to have one built"
            )
        return Path(named)
    found = shutil.which(server.name)
    return Path(found) if found else None


def step(server: Server) -> Step:
    """The step that builds `server`, done where the user brings one."""
    name = f"{server.name} {server.version}"
    return Step(name, server.estimate_s, lambda: _done(server), lambda t: _make(server, t))


def was_built_from(binary: Path, module: str, version: str) -> bool:
    """Whether Go recorded `module` at `version` in `binary`; needs no Go to tell."""
    with binary.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(
            content.find(f"{kind}\t{module}\t{version}\t".encode()) >= 0 for kind in ("dep", "mod")
        )


def _stamp(server: Server) -> Path:
    return server.binary.with_name(f"{server.name}.stamp")


def _made_from(server: Server) -> str:
    return fingerprint([server.source / "go.mod", server.source / "go.sum"], server.package)


def _done(server: Server) -> bool:
    if brought(server):
        return True
    return os.access(server.binary, os.X_OK) and stamped(_stamp(server), _made_from(server))


def _make(server: Server, teller: Teller) -> None:
    server.binary.parent.mkdir(parents=True, exist_ok=True)
    fresh = server.binary.with_name(f"{server.name}.new")
    plain = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
    run(
        [go(teller), "build", *plain, "-o", fresh, server.package],
        what=f"building {server.name}",
        teller=teller,
        estimate_s=server.estimate_s,
        env={"CGO_ENABLED": str(int(server.cgo)), **GO_ENV},
        cwd=server.source,
    )
    _prove(server, fresh)
    fresh.replace(server.binary)
    write_stamp(_stamp(server), _made_from(server))


def _prove(server: Server, fresh: Path) -> None:
    """That what was built is what was asked for, and starts."""
    if not was_built_from(fresh, server.module, server.version):
        raise CannotSetUp(
            f"{fresh} was not built from {server.module} {server.version}:"
            f" restore {server.source / 'go.mod'} and run `make setup` again"
        )
    if output_of([fresh, "--version"]) is None:
        raise CannotSetUp(
            f"{fresh} was built but does not start: run `{fresh} --version` to see why"
        )


def go(teller: Teller) -> Path:
    """The Go to build with: on PATH if new enough, else the pinned one, fetched into `.build/`."""
    found = shutil.which("go")
    if found and go_version(output_of([found, "env", "GOVERSION"]) or "") >= GO_AT_LEAST:
        return Path(found)
    own, stamp = OWN_GO / "go" / "bin" / "go", OWN_GO / "frontdesk.stamp"
    if not (own.exists() and stamped(stamp, fingerprint([GO_PIN]))):
        teller.say("  no Go 1.26 or newer on PATH: uv puts one into .build/go/")
        shutil.rmtree(OWN_GO, ignore_errors=True)
        install: list[str | Path] = [uv(teller), "pip", "install", "--python", sys.executable]
        onto: list[str | Path] = ["--target", OWN_GO, "--require-hashes", "-r", GO_PIN]
        run([*install, *onto], what="Go", teller=teller, estimate_s=15, env=UV_ENV)
        write_stamp(stamp, fingerprint([GO_PIN]))
    return own


def go_version(said: str) -> tuple[int, int]:
    """`go1.26.6` as (1, 26); (0, 0) for what is no release."""
    numbers = said.removeprefix("go").split(".")
    try:
        return int(numbers[0]), int(numbers[1])
    except (IndexError, ValueError):
        return (0, 0)
