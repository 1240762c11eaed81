"""The journal: sealed as it is written, gone on with by whoever comes next."""

from pathlib import Path

import pytest

from records.journal import JOURNAL, MOST_WAITING, Journal, adopt, begin, read_journal
from records.keyring import SettingsKeyring
from records.sealing import Unreadable
from records.spool import Busy, Room, SpoolFile
from tests.journals import KEYRING, lines

WORDS = "where is my order"


def begun(folder: Path) -> Journal:
    """A call's first two entries."""
    journal = begin(folder, KEYRING, "c1", room=Room(folder, 10**6), clock=lambda: 1000.0)
    journal.write("started", profile="acme", caller="+15550001111")
    journal.write("turn", speaker="caller", text=WORDS)
    return journal


def test_nothing_of_anybody_can_be_read_on_the_disk(tmp_path: Path) -> None:
    """Neither words nor numbers; with the key of the record, everything."""
    begun(tmp_path).close()
    on_disk = (tmp_path / "c1" / JOURNAL).read_bytes()

    assert WORDS.encode() not in on_disk
    assert b"5550001111" not in on_disk
    assert lines(read_journal(tmp_path / "c1", KEYRING), "turn")[0]["text"] == WORDS


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    """And whoever looks after leftovers hears why."""
    begun(tmp_path).close()
    other = SettingsKeyring(bytes(32))

    with pytest.raises(Unreadable, match="FRONTDESK_RECORDS_KEY"):
        read_journal(tmp_path / "c1", other)
    with pytest.raises(Unreadable):
        adopt(tmp_path / "c1", other)
    assert len(adopt(tmp_path / "c1", KEYRING).waiting) == 2


def test_entries_cannot_change_places(tmp_path: Path) -> None:
    """Each is sealed for its number and its call."""
    begun(tmp_path).close()
    (tmp_path / "c2").mkdir()
    moved = (tmp_path / "c1" / JOURNAL).read_bytes().replace(b'"c1"', b'"c2"')
    (tmp_path / "c2" / JOURNAL).write_bytes(moved)

    with pytest.raises(Unreadable):
        read_journal(tmp_path / "c2", KEYRING)


def test_a_dead_jobs_journal_is_gone_on_with(tmp_path: Path) -> None:
    """Numbers go on where they ended, so that nothing is filed over what is there."""
    journal = begun(tmp_path)
    with pytest.raises(Busy):
        adopt(tmp_path / "c1", KEYRING)
    journal.close()
    adopted = adopt(tmp_path / "c1", KEYRING)
    adopted.write("ended", outcome="lost")
    adopted.close()

    assert [entry.number for entry in read_journal(tmp_path / "c1", KEYRING)] == [0, 1, 2]
    assert [entry.kind for entry in adopted.waiting] == ["started", "turn", "ended"]


def test_a_disk_that_takes_nothing_costs_no_entry_until_memory_is_full(tmp_path: Path) -> None:
    """The database may take them yet; what is nowhere is counted."""
    (tmp_path / "taken").write_text("a file where the folder should be")
    journal = begin(tmp_path / "taken", KEYRING, "c1", room=Room(tmp_path, 10**6))
    for _ in range(MOST_WAITING + 3):
        journal.write("dtmf")

    assert (len(journal.waiting), journal.lost) == (MOST_WAITING, 3)


def test_what_memory_did_not_hold_stays_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filing what waited does not make it whole: whoever adopts it has every entry again."""
    monkeypatch.setattr("records.journal.MOST_WAITING", 2)
    journal = begun(tmp_path)
    journal.write("turn", speaker="agent", text="shipped", at=1001.0)
    assert (journal.unfiled, journal.lost) == (3, 0)
    journal.filed(2)
    assert (journal.waiting, journal.unfiled, journal.unfiled_since) == ([], 1, 1001.0)
    journal.close()

    adopted = adopt(tmp_path / "c1", KEYRING)
    assert [entry.number for entry in adopted.waiting] == [0, 1, 2]
    assert adopted.unfiled == 3


def _full(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A disk that takes nothing while the list has True in it."""
    full, append = [True], SpoolFile.append

    def taken(self: SpoolFile, frame: bytes) -> bool:
        return not full[0] and append(self, frame)

    monkeypatch.setattr(SpoolFile, "append", taken)
    return full


def test_what_neither_disk_nor_database_took_by_the_end_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left that nobody could open."""
    _full(monkeypatch)
    journal = begun(tmp_path)
    assert list(tmp_path.iterdir()) == []
    journal.filed(1)
    journal.close()

    assert journal.lost == 1


def test_a_disk_with_room_again_gets_what_it_did_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the latest when the call ends, although there was no room for its beginning."""
    full = _full(monkeypatch)
    journal = begun(tmp_path)
    full[0] = False
    journal.close()

    assert journal.lost == 0
    assert [entry.kind for entry in adopt(tmp_path / "c1", KEYRING).waiting] == ["started", "turn"]


def test_what_a_full_disk_took_late_is_read_in_its_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words that are corrected come after the words, and numbers go on behind the last."""
    full = _full(monkeypatch)
    full[0] = False
    journal = begun(tmp_path)
    full[0] = True
    journal.write("dtmf")
    full[0] = False
    journal.write("answered")
    journal.close()
    adopted = adopt(tmp_path / "c1", KEYRING)

    assert [entry.kind for entry in adopted.waiting] == ["started", "turn", "dtmf", "answered"]
    assert adopted.write("ended") == 4


def test_half_a_character_keeps_nothing_out(tmp_path: Path) -> None:
    """A model's JSON may hold one; UTF-8 does not."""
    journal = begin(tmp_path, KEYRING, "c1", room=Room(tmp_path, 10**6))
    journal.write("turn", speaker="caller", text="so \ud83d")
    journal.close()

    assert lines(read_journal(tmp_path / "c1", KEYRING))[0]["text"] == "so ?"


def test_what_is_filed_waits_no_more(tmp_path: Path) -> None:
    """And once everything is, nothing is left on this machine."""
    journal = begun(tmp_path)
    journal.filed(1)
    assert [entry.kind for entry in journal.waiting] == ["turn"]
    journal.filed(1)
    journal.remove()

    assert list(tmp_path.iterdir()) == []
