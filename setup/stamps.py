"""How set-up knows that a thing is made already: a fingerprint of what it was made from.

A stamp is written last and in one move, so an interrupted step is simply not done.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def fingerprint(files: Iterable[Path], *facts: str) -> str:
    """One line for the contents of `files` and the `facts` that decide what comes out."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    for fact in facts:
        digest.update(hashlib.sha256(fact.encode()).digest())
    return digest.hexdigest()


def stamped(stamp: Path, print_now: str) -> bool:
    """Whether `stamp` was written for this very fingerprint."""
    try:
        return stamp.read_text(encoding="ascii") == print_now
    except OSError:
        return False


def write_stamp(stamp: Path, print_now: str) -> None:
    """Record that what `stamp` stands for was made from this fingerprint."""
    fresh = stamp.with_name(f"{stamp.name}.{os.getpid()}")
    fresh.write_text(print_now, encoding="ascii")
    fresh.replace(stamp)
