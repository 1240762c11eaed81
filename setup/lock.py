"""`make lock`: renews requirements.lock, and the hashes of what set-up itself fetches.

Versions change only where the lock no longer fits pyproject.toml; to move the pin of uv or Go,
change its version in `setup/uv.txt` or `setup/go.txt` first.
"""

from pathlib import Path

from setup.doing import BUILD, REPO, Teller, run
from setup.environment import LOCK, UV_ENV, UV_PIN, uv
from setup.servers import GO_PIN

# Addresses of package registries are a matter of the machine, not of the lock.
COMPILE = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
)


def renew(teller: Teller) -> None:
    """Write all three files anew.

    Raises:
        CannotSetUp: uv finds no versions that fit; the message ends with its reasons.
    """
    compile_: list[str | Path] = [uv(teller), "pip", "compile", "--quiet", *COMPILE]
    teller.say("requirements.lock")
    own = ["--all-extras", "--custom-compile-command=make lock", "pyproject.toml"]
    run([*compile_, *own, "-o", LOCK], what="locking packages", teller=teller, env=UV_ENV)
    for pin in (UV_PIN, GO_PIN):
        teller.say(str(pin.relative_to(REPO)))
        why, wanted = pin.read_text(encoding="utf-8").splitlines()[:2]
        asked, found = BUILD / "pin.in", BUILD / "pin.out"
        asked.write_text(wanted.removesuffix(" \\"), encoding="utf-8")
        found.unlink(missing_ok=True)
        plain = ["--no-header", "--no-annotate", str(asked), "-o", str(found)]
        run([*compile_, *plain], what="locking a pin", teller=teller, env=UV_ENV)
        pin.write_text(f"{why}\n{found.read_text(encoding='utf-8')}", encoding="utf-8")
