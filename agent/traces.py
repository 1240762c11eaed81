"""An error as a log may show it: what kind it is and where it came from, never what it says.

Messages and local values hold what callers said, answers of back offices and sometimes keys. Types,
codes, files and lines hold nothing of anybody, and are enough to find the place. Pure.
"""

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

# A few of ours and a few of the library that raised it.
FRAMES = 8
CAUSES = 3
_REPO = Path(__file__).parents[1]
_LIBRARIES = re.compile(r".*/(?:site-packages|python3\.\d+)/")
_CODES = frozenset({"status", "status_code", "_status", "code", "_code", "type"})
# Codes of providers are words of a closed set; a sentence is none.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,39}")


def kind(value: object) -> str:
    """The type of an error or an object, with the codes it carries: `APIStatusError 401`."""
    name = type(value).__name__
    if isinstance(value, OSError) and value.errno and value.errno in errno.errorcode:
        return f"{name} {errno.errorcode[value.errno]}"
    return " ".join([name, *_codes(value)])


def described(error: BaseException) -> dict[str, object]:
    """Fields of a log line: `error`, with what it came from, and `trace` from the outside in.

    A group is told by its first error: the others mostly follow from it.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    kinds = [kind(error), *map(kind, _causes(error))]
    return {"error": " from ".join(kinds), "trace": _places(error.__traceback__)}


def _codes(value: object) -> Iterator[str]:
    # Attributes only: properties of strangers may warn, or say more than they hold.
    for name, code in getattr(value, "__dict__", {}).items():
        if name not in _CODES:
            continue
        if isinstance(code, int) and not isinstance(code, bool):
            yield str(int(code))
        elif isinstance(code, str) and _CODE.fullmatch(code):
            yield code


def _causes(error: BaseException) -> Iterator[BaseException]:
    for _ in range(CAUSES):
        before = error.__cause__
        if before is None and not error.__suppress_context__:
            before = error.__context__
        if before is None:
            return
        yield before
        error = before


def _places(trace: TracebackType | None) -> list[str]:
    places = [
        f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(trace)
    ]
    return places[-FRAMES:]


def _short(file: str) -> str:
    return _LIBRARIES.sub("", file.removeprefix(f"{_REPO}/"))
