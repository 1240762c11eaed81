"""The model's log: JSON lines with constant event names, and no caller's words unless asked for.

Called by every module that has something to tell, through a function bound to its session.
"""

import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO


class Logger:
    """Writes to a file, or to standard output."""

    def __init__(self, path: Path | None, *, words: bool = False) -> None:
        self._path = path
        self._words = words
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self._file = self._path.open("a", encoding="utf-8") if self._path else sys.stdout
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._path and self._file:
            self._file.close()
        self._file = None

    def log(self, event: str, **fields: Any) -> None:
        """One line; fields that begin with `pii.` are dropped unless words are wanted."""
        if self._file is None:
            return
        kept = {k: v for k, v in fields.items() if self._words or not k.startswith("pii.")}
        line = {"at": round(time.time(), 4), "event": event, **kept}
        self._file.write(json.dumps(line, default=str) + "\n")
        self._file.flush()

    def failure(self, event: str, error: BaseException, **fields: Any) -> None:
        """One line with the stack trace."""
        self.log(event, **fields, trace="".join(traceback.format_exception(error)))

    def bound(self, **common: Any) -> Callable[..., None]:
        """A function that logs with these fields in every line."""
        return lambda event, **fields: self.log(event, **common, **fields)
