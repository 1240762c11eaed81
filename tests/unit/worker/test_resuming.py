"""What another job knows of a call whose own job died."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agent.resuming import MOST_TURNS, before
from records import Keeping
from records.journal import begin
from records.ledger import NotKept
from records.spool import Room
from tests.journals import KEYRING


def journal_of(folder: Path, *turns: tuple[str, str]) -> None:
    """A dead job's journal."""
    journal = begin(folder.parent, KEYRING, folder.name, room=Room(folder.parent, 10**6))
    journal.write("started", profile="acme")
    for speaker, text in turns:
        journal.write("turn", speaker=speaker, text=text)
    journal.close()


async def said(spool: Path, call_id: str) -> list[tuple[str, str | None]]:
    """Who said what, as the next model is told; of a record without a database."""

    async def nothing(_: str) -> None:
        raise NotKept("no database")

    record = SimpleNamespace(
        seals=SimpleNamespace(keyring=KEYRING), reader=SimpleNamespace(call=nothing)
    )
    keeping = cast("Keeping", SimpleNamespace(spool=spool, record=record))
    return [(m.role, m.text_content) for m in (await before(keeping, call_id))[0].messages()]


async def test_the_next_model_knows_what_was_said(tmp_path: Path) -> None:
    """Both sides, in order; fixed clips are nobody's words."""
    turns = [("agent", "Hello."), ("caller", "Cancel it"), ("clip", "One moment, please.")]
    journal_of(tmp_path / "c1", *turns)

    assert await said(tmp_path, "c1") == [("assistant", "Hello."), ("user", "Cancel it")]


async def test_a_long_call_is_told_from_its_end(tmp_path: Path) -> None:
    """A model that is told everything answers late."""
    journal_of(tmp_path / "c1", *[("caller", f"line {number}") for number in range(50)])

    assert (await said(tmp_path, "c1"))[-1] == ("user", "line 49")
    assert len(await said(tmp_path, "c1")) == MOST_TURNS


@pytest.mark.parametrize("call_id", ["c2", "../c1", "/etc", "", "c1\n", "x" * 65])
async def test_a_call_that_nobody_here_knows_begins_anew(tmp_path: Path, call_id: str) -> None:
    """Its job was on another machine; and no id leads out of the folder."""
    journal_of(tmp_path / "c1", ("agent", "Hello."))

    assert await said(tmp_path / "calls", call_id) == []
    assert await said(tmp_path, call_id) == []
