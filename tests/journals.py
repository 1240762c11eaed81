"""Journals of calls that tests keep: in memory, or sealed with a key that everybody knows."""

from pathlib import Path
from typing import Any

from records import Journal
from records.journal import Entry, read_journal
from records.keyring import SettingsKeyring, new_key

KEY = bytes(range(32))
KEYRING = SettingsKeyring(KEY)


def in_memory(call_id: str = "c1") -> Journal:
    """A journal that lies on no disk: what is written is `waiting`."""
    return Journal(new_key(KEYRING, call_id), None)


def lines(entries: list[Entry], *kinds: str) -> list[dict[str, Any]]:
    """Entries as mappings, those of some kinds or all."""
    return [
        {"kind": entry.kind, "at": entry.at, **entry.fields}
        for entry in entries
        if not kinds or entry.kind in kinds
    ]


def lines_in(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """The same, of the journal that lies in a call's folder."""
    return lines(read_journal(folder, KEYRING), *kinds)
