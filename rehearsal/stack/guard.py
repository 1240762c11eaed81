"""Ends the parts of a stack whose own process is gone, however it went: SIGKILL included.

Run as a program of its own, in its own session, by `rehearsal.stack.process`. The stack holds the
other end of its standard input and writes "+PGID" for each part it starts and "-PGID" for each it
has ended; when that pipe closes, what is left is ended here. Linux's parent-death signal would
reach only a part itself, not the processes it started, and macOS has none. Standard library only,
so that it costs no time to start.
"""

import os
import signal
import sys
import time
from collections.abc import Callable

GRACE_S = 3.0


def main() -> None:
    """Listen until the stack is gone, then leave nothing of it behind."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    # First the leaders alone, as their stack would: a worker's jobs may finish what they write.
    _send(groups, signal.SIGTERM, os.kill)
    give_up = time.monotonic() + GRACE_S
    while groups and time.monotonic() < give_up:
        time.sleep(0.05)
        groups = {group for group in groups if _lives(group)}
    _send(groups, signal.SIGKILL, os.killpg)


def _send(groups: set[int], what: signal.Signals, way: Callable[[int, int], None]) -> None:
    for group in groups:
        try:
            way(group, what)
        except (ProcessLookupError, PermissionError):
            continue


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    # Ctrl-C is for the stack, which then ends its parts itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    main()
