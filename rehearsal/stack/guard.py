"""Ends the parts of a stack whose own process is gone, however it went: SIGKILL included.

Run as a program of its own, in its own session, by `rehearsal.stack.process`. The stack holds the
other end of its standard input and writes "+PGID SIGNAL" for each part it starts, with the signal
that the part ends on, and "-PGID" for each it has ended; when that pipe closes, what is left is
ended here. Linux's parent-death signal would
reach only a part itself, not the processes it started, and macOS has none. Standard library only,
so that it costs no time to start.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

GRACE_S = 3.0


def main() -> None:
    """Listen until the stack is gone, then leave nothing of it behind."""
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, *ends_on = map(int, line[1:].split())
        if line[0] == "+":
            groups[group] = ends_on[0]
        else:
            groups.pop(group, None)
    # First the leaders alone, as their stack would: a worker's jobs may finish what they write.
    # What ends on SIGKILL waits for the others, who may still need it.
    ending = {group for group, ends_on in groups.items() if ends_on != signal.SIGKILL}
    for group in ending:
        _send(group, groups[group], os.kill)
    give_up = time.monotonic() + GRACE_S
    while any(map(_lives, ending)) and time.monotonic() < give_up:
        time.sleep(0.05)
    for group in groups:
        _send(group, signal.SIGKILL, os.killpg)


def _send(group: int, what: int, way: Callable[[int, int], None]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        way(group, what)


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
