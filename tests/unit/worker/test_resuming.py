"""What another job knows of a call whose own job died."""

from pathlib import Path

import pytest

from agent.resuming import MOST_TURNS, said_before
from records import Journal


def journal_of(folder: Path, *turns: tuple[str, str]) -> None:
    """A dead job's journal."""
    journal = Journal(folder)
    journal.write("started", call_id=folder.name, profile="acme")
    for speaker, text in turns:
        journal.write("turn", speaker=speaker, text=text)
    journal.close()


def said(calls: Path, call_id: str) -> list[tuple[str, str | None]]:
    """Who said what, as the next model is told."""
    return [(m.role, m.text_content) for m in said_before(calls, call_id).messages()]


def test_the_next_model_knows_what_was_said(tmp_path: Path) -> None:
    """Both sides, in order; fixed clips are nobody's words."""
    turns = [("agent", "Hello."), ("caller", "Cancel it"), ("clip", "One moment, please.")]
    journal_of(tmp_path / "c1", *turns)

    assert said(tmp_path, "c1") == [("assistant", "Hello."), ("user", "Cancel it")]


def test_a_long_call_is_told_from_its_end(tmp_path: Path) -> None:
    """A model that is told everything answers late."""
    journal_of(tmp_path / "c1", *[("caller", f"line {number}") for number in range(50)])

    assert said(tmp_path, "c1")[-1] == ("user", "line 49")
    assert len(said(tmp_path, "c1")) == MOST_TURNS


@pytest.mark.parametrize("call_id", ["c2", "../c1", "/etc", "", "c1\n", "x" * 65])
def test_a_call_that_nobody_here_knows_begins_anew(tmp_path: Path, call_id: str) -> None:
    """Its job was on another machine; and no id leads out of the folder."""
    journal_of(tmp_path / "c1", ("agent", "Hello."))

    assert said(tmp_path / "calls", call_id) == said(tmp_path, call_id) == []
