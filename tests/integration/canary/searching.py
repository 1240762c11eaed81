"""Searches bytes for many values at once, in every spelling a program may have given them."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from records.redaction.numerals import read

# Random bytes, of which sealed columns consist, hold shorter ones by chance.
LEAST = 6
LEAST_DIGITS = 7


def spellings(value: str) -> Iterator[bytes]:
    """As it was said, its digits alone, as JSON escapes it, in base64, and in UTF-16."""
    digits = "".join(piece.digits for piece in read(value).pieces)
    told = [value, digits] if len(digits) >= LEAST_DIGITS else [value]
    for text in told:
        yield text.encode()
        yield json.dumps(text)[1:-1].encode()
        yield text.encode("utf-16-le")
        # The last signs depend on what follows.
        yield base64.b64encode(text.encode())[: len(text.encode()) * 8 // 6]


class Search:
    """For some values, which are told by name when they are found."""

    def __init__(self, values: Iterable[str]) -> None:
        self._at: dict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
        for value in values:
            for spelling in map(bytes.lower, spellings(value)):
                assert len(spelling) >= LEAST, f"too short to be searched for: {value}"
                self._at[spelling[:LEAST]].append((spelling, value))
        self._beginnings = _windows(b"".join(self._at))[::LEAST]

    def found(self, content: bytes) -> list[str]:
        """Which of them stand in `content`, upper and lower case alike."""
        content = content.lower()
        places = np.flatnonzero(np.isin(_windows(content), self._beginnings))
        return [
            value
            for place in places.tolist()
            for spelling, value in self._at.get(content[place : place + LEAST], ())
            if content.startswith(spelling, place)
        ]

    def found_below(self, folder: Path) -> dict[str, list[str]]:
        """The same for every file in `folder` and the folders in it, names of files too."""
        found = {}
        for file in sorted(folder.rglob("*")):
            content = file.read_bytes() if file.is_file() else b""
            name = str(file.relative_to(folder))
            if here := self.found(name.encode() + b"\n" + content):
                found[name] = here
        return found


def _windows(content: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Every LEAST bytes of `content`, one beside the other, as a number."""
    size = max(0, len(content) - LEAST + 1)
    signs = np.frombuffer(content, np.uint8)
    found = np.zeros(size, np.uint64)
    for place in range(LEAST):
        found |= signs[place : place + size].astype(np.uint64) << np.uint64(8 * place)
    return found
