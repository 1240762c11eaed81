"""The journal of a call in progress: one JSON line per thing that happened, written as it happens.

A job that is killed leaves everything up to its last second, and whoever comes next can close the
record from it. Written by the job that holds the call, read by `records.call_file`.
"""

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
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.lines_lost = 0
        self._clock = clock
        # Unbuffered: a line that was written is in the kernel when the process is killed.
        self._file = os.open(folder / JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, kind: str, *, at: float | None = None, **fields: Any) -> None:
        """Append one line. A full or broken disk loses the line and never the call."""
        line = {"at": self._clock() if at is None else at, "kind": kind, **fields}
        try:
            os.write(self._file, (json.dumps(line, ensure_ascii=False) + "\n").encode())
        except OSError:
            self.lines_lost += 1

    def close(self) -> None:
        """Close the file; writing afterwards is a mistake."""
        os.close(self._file)


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
