"""An error as a log may show it: what kind it is, never what it says.

Messages and local values hold what callers said, answers of back offices and sometimes keys. Types
and codes hold nothing of anybody. Pure.
"""

import errno
import re
from collections.abc import Iterator

_CODES = frozenset({"status", "status_code", "_status", "code", "_code", "type"})
# Codes of providers are words of a closed set; a sentence is none.
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,39}")


def kind(value: object) -> str:
    """The type of an error or an object, with the codes it carries: `APIStatusError 401`."""
    name = type(value).__name__
    if isinstance(value, OSError) and value.errno and value.errno in errno.errorcode:
        return f"{name} {errno.errorcode[value.errno]}"
    return " ".join([name, *_codes(value)])


def _codes(value: object) -> Iterator[str]:
    # Attributes only: properties of strangers may warn, or say more than they hold.
    for name, code in getattr(value, "__dict__", {}).items():
        if name not in _CODES:
            continue
        if isinstance(code, int) and not isinstance(code, bool):
            yield str(int(code))
        elif isinstance(code, str) and _CODE.fullmatch(code):
            yield code
