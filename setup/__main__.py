"""`make setup`: have everything, quietly when it is all there; `make lock`: renew the pins;
`make clean`: remove it again.
"""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from setup import cleaning, environment, lock, servers, system
from setup.doing import BUILD, CannotSetUp, Teller
from setup.steps import Step, missing


def _needs() -> list[system.Need]:
    needs = [*system.CALLS, *system.TESTING]
    if environment.needs_own_uv():
        needs += system.OWN_UV
    if servers.brought(servers.LIVEKIT_SIP) is None:
        needs += system.COMPILING
    return needs


def _steps() -> list[Step]:
    return [
        Step(
            "system packages",
            60,
            lambda: not system.absent(_needs()),
            lambda teller: system.install(_needs(), teller),
        ),
        environment.step(),
        *(servers.step(server) for server in servers.SERVERS),
    ]


@contextmanager
def _alone(teller: Teller) -> Iterator[None]:
    """Let one set-up work at a time; the lock goes with the process, however it ends."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "setup.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            teller.say("another set-up is at work here: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _have_everything(teller: Teller) -> None:
    with _alone(teller):
        todo = missing(_steps())
        if not todo:
            return
        total = sum(step.estimate_s for step in todo)
        teller.say(f"{len(todo)} things to make, about {total:.0f} s on two cores, once:")
        for step in todo:
            teller.say(f"{step.name} (about {step.estimate_s:.0f} s)")
            step.make(teller)
        teller.say("everything is there")


def main() -> int:
    """Make what is missing, renew the locks or clean up, as asked. Returns the exit status."""
    try:
        if sys.argv[1:] == ["lock"]:
            lock.renew(Teller())
        elif sys.argv[1:] == ["clean"]:
            cleaning.clean()
        elif missing(_steps()):
            _have_everything(Teller())
    except (CannotSetUp, OSError) as reason:
        # An OSError is the machine's: no space left, a file of another user.
        print(f"setup: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: stopped; `make setup` goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
