"""Another clock for one process: Python imports this by its name when it is on PYTHONPATH.

The worker of a trial has it there, and its jobs inherit it. A file `clock-PID` in the folder in
which the worker was started says by how many seconds the wall clock of that process, and of no
other, is wrong. `datetime.now` and monotonic clocks stay right.
"""

import os
import time
from contextlib import suppress

_real = time.time
_folder = os.getcwd()


def _time() -> float:
    with suppress(OSError, ValueError), open(f"{_folder}/clock-{os.getpid()}") as file:
        return _real() + float(file.read())
    return _real()


time.time = _time
