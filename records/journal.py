"""The journal of a call in progress: one JSON line per thing that happened, written as it happens.

A job that is killed leaves everything up to its last second, and whoever comes next can close the
record from it. Written by the job that holds the call, read by `records.call_file`.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

JOURNAL = "journal.jsonl"


class Journal:
    """Appends lines to `<folder>/journal.jsonl`, each with `at` (seconds since 1970) and `kind`."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.lines_lost = 0
        self._clock = clock
        # Unbuffered: a line that was written is in the kernel when the process is killed.
        self._file: int | None = None
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(folder / JOURNAL, flags, 0o600)

    def write(self, kind: str, *, at: float | None = None, **fields: Any) -> None:
        """Append one line. A full or broken disk loses the line and never the call."""
        line = {"at": self._clock() if at is None else at, "kind": kind, **fields}
        if self._file is None:
            self.lines_lost += 1
            return
        try:
            os.write(self._file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
        except OSError:
            self.lines_lost += 1

    def close(self) -> None:
        """Close the file; what is written afterwards is counted as lost."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read_journal(folder: Path) -> Iterator[dict[str, Any]]:
    """Every whole line of a call's journal; a line cut off by a kill is left out."""
    with (folder / JOURNAL).open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(entry, dict) and "kind" in entry and "at" in entry:
                yield entry
