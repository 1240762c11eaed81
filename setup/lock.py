"""`make lock`: renews requirements.lock, the lock of the benchmark's peers, and the hashes of what
set-up itself fetches.

Versions change only where a lock no longer fits what is asked for; to move the pin of uv or Go,
change its version in `setup/uv.txt` or `setup/go.txt` first.
"""

from pathlib import Path

from setup.doing import BUILD, REPO, Teller, run
from setup.environment import LOCK, UV_ENV, UV_PIN, uv
from setup.servers import GO_PIN

LOCKS = {
    LOCK: ("--all-extras", "pyproject.toml"),
    REPO / "bench" / "peers" / "requirements.lock": ("bench/peers/requirements.in",),
}

# Addresses of package registries are a matter of the machine, not of the lock.
COMPILE = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
)


def renew(teller: Teller) -> None:
    """Write all of them anew.

    Raises:
        CannotSetUp: uv finds no versions that fit; the message ends with its reasons.
    """
    compile_: list[str | Path] = [uv(teller), "pip", "compile", "--quiet", *COMPILE]
    for lock, asked in LOCKS.items():
        teller.say(str(lock.relative_to(REPO)))
        named = ["--custom-compile-command=make lock", *asked]
        run([*compile_, *named, "-o", lock], what="locking packages", teller=teller, env=UV_ENV)
    for pin in (UV_PIN, GO_PIN):
        teller.say(str(pin.relative_to(REPO)))
        why, pinned = pin.read_text(encoding="utf-8").splitlines()[:2]
        wanted, found = BUILD / "pin.in", BUILD / "pin.out"
        wanted.write_text(pinned.removesuffix(" \\"), encoding="utf-8")
        found.unlink(missing_ok=True)
        plain = ["--no-header", "--no-annotate", str(wanted), "-o", str(found)]
        run([*compile_, *plain], what="locking a pin", teller=teller, env=UV_ENV)
        pin.write_text(f"{why}\n{found.read_text(encoding='utf-8')}", encoding="utf-8")
