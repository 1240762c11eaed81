"""Whole calls full of planted values: none is found in anything that they leave, or outlives them.

The calls are made once; what they left is copied for whoever changes it.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from records.call_keys import wrapped_of
from records.opened import open_record
from records.recording.files import WHOLE
from records.settings import RecordsAccess
from records.store import look
from tests.integration.canary.evening import (
    CARD,
    PIN,
    SOUND_CALLER,
    THEIRS,
    VALUES,
    Left,
    digits_in,
    evening,
    settings_of,
)
from tests.integration.canary.searching import Search, spellings
from tests.integration.recording.sound import loud_spans, sound_of
from tests.integration.starting.worker import environment
from tests.integration.traces.desk import NUMBER
from tests.unit.redaction.test_canary import leaked

SPOKE_S = 1.0
# What a tool may need, and who called: in the record, sealed.
IN_CLEAR = {"tools": {"__all__": {"arguments"}}, "caller": True}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """What an evening of calls has left; nobody changes it."""
    return asyncio.run(evening(tmp_path_factory.mktemp("evening")))


@pytest.fixture(scope="module")
def search(left: Left) -> Search:
    """For everything that was planted."""
    return Search(left.planted)


def environment_of(folder: Path) -> dict[str, str]:
    """The settings of the worker that left what is in `folder`."""
    return environment(
        FRONTDESK_RECORDS_URL=f"sqlite+aiosqlite:///{folder}/records.db",
        FRONTDESK_RECORDS_SPOOL=str(folder / "spool"),
        **settings_of(folder),
    )


def ran(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`python -m records` as an operator runs it."""
    return subprocess.run(
        [sys.executable, "-m", "records", *arguments],
        env={**environment_of(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(folder: Path, *arguments: str) -> str:
    """What a command that succeeds prints."""
    found = ran(folder, *arguments)
    assert found.returncode == 0, found.stderr
    return found.stdout


def without_theirs(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was found in files of the product."""
    return {name: values for name, values in found.items() if name not in THEIRS}


def test_no_planted_value_is_found_in_what_calls_leave(left: Left, search: Search) -> None:
    """Database and its log, spool during the calls and after, sound, traces, logs, metrics."""
    there = {str(file.relative_to(left.folder)) for file in left.folder.rglob("*")}
    sys.stdout.write(f"{len(left.planted)} planted, in {len(there)} files\n")

    assert len(left.planted) > VALUES
    assert {"records.db", "records.db-wal", "worker.log", "recordings", "spool-then"} <= there
    assert list(left.folder.glob("spool-then/*/journal.sealed"))
    assert list(left.folder.glob("traces/*/*.jsonl"))
    assert "frontdesk_calls_ended_total" in left.metrics
    assert '"level": "debug"' in (left.folder / "worker.log").read_text()
    assert without_theirs(search.found_below(left.folder)) == {}
    assert search.found(left.metrics.encode()) == []


def test_no_planted_value_is_found_in_opened_transcripts(left: Left, search: Search) -> None:
    """Of nobody's words; what tools were given is kept for who acts on it, a PIN not even there."""
    found: dict[str, str] = {}
    for call_id, said in left.said.items():
        (call,) = (call for call in left.calls if call.call_id == call_id)
        kept = [turn.text for turn in call.turns if turn.speaker == "caller"][: len(said)]
        found |= {
            one.sentence: text for one, text in zip(said, kept, strict=True) if leaked(one, text)
        }
        assert PIN not in call.model_dump_json()
        without_tools = call.model_dump_json(
            exclude={"tools": {"__all__": {"arguments"}}, "caller": True}
        )
        assert search.found(without_tools.encode()) == []
        assert sum(turn.speaker == "agent" for turn in call.turns) > len(CARD)

    assert found == {}
    used = {(use.tool, use.outcome) for use in left.call(NUMBER).tools}
    assert used >= {("look_up_order", "ok"), ("look_up_order", "malformed"),
                    ("promise_callback", "ok"), ("unregistered", "refused")}  # fmt: skip


def test_a_card_that_comes_in_pieces_leaves_none(left: Left) -> None:
    """Nor what the agent said back of it."""
    turns = [turn.text for turn in left.call(NUMBER).turns if turn.speaker != "clip"]
    after = turns[turns.index("What is the card number?") :]

    assert len(after) >= 2 * len(CARD) + 4
    assert [text for text in after if digits_in(text)] == []
    assert {"[card]", "[cvv]", "[card], go on.", "So [card], code [cvv]."} <= set(after)


def test_a_spoken_card_is_silenced_and_what_is_around_it_is_not(left: Left, tmp_path: Path) -> None:
    """Three turns are heard by the model; two of them by whoever listens afterwards."""
    call = left.call(SOUND_CALLER)
    file = tmp_path / "call.ogg"
    folder = copied(left, tmp_path)
    told(folder, "play", call.call_id, "--to", str(file))
    spans = [s for s in loud_spans(sound_of(file.read_bytes()), 0) if s[1] - s[0] > SPOKE_S / 2]

    assert [turn.text for turn in call.turns if turn.speaker == "caller"] == [
        "my order is 4271", "it is [card]", "thank you, that is all",
    ]  # fmt: skip
    assert len(spans) == 2
    (gap,) = (gap for gap in call.gaps if gap.reason == "card_heard")
    assert call.recording is not None
    began, ended = (at - call.recording.began_at for at in (gap.began_at, gap.ended_at))
    assert spans[0][1] < began < ended < spans[1][0]


def copied(left: Left, to: Path) -> Path:
    """What an evening left, to be changed."""
    folder = to / "left"
    shutil.copytree(left.folder, folder)
    for name in THEIRS:
        (folder / name).unlink()
    return folder


@pytest.fixture
def made(left: Left, tmp_path: Path) -> Path:
    """The same with what commands make of it, and what a machine may still have of it."""
    folder = copied(left, tmp_path)
    call = left.call(NUMBER).call_id
    told(folder, "report", call, "--to", str(folder / "page.html"))
    told(folder, "export", str(folder / "clear.jsonl"), "--in-clear", "--caller", NUMBER)
    told(folder, "play", call, "--to", str(folder / "sound.ogg"))
    shutil.move(folder / "spool-then" / call, folder / "spool" / call)
    (sound,) = (folder / "recordings").glob(f"{call}*")
    shutil.copy(sound, folder / "waiting" / f"{sound.name}{WHOLE}")
    shutil.rmtree(folder / "spool-then")
    return folder


def test_commands_that_need_no_words_show_none(left: Left, search: Search, tmp_path: Path) -> None:
    """A list, the costs, and an export as it leaves the house: not even what tools were given."""
    folder = copied(left, tmp_path)
    for arguments in (
        ["list", "--format", "json"],
        ["cost"],
        ["export", str(folder / "out.jsonl")],
    ):
        assert search.found(told(folder, *arguments).encode()) == []

    exported = (folder / "out.jsonl").read_bytes()
    assert len(exported.splitlines()) == len(left.calls)
    assert search.found(exported) == []
    assert any(json.loads(line)["tools"] for line in exported.splitlines())


async def wrapped(folder: Path, call_id: str) -> bytes:
    """The key of a call as it lies in the database."""
    settings = environment_of(folder)
    access = RecordsAccess.model_validate(
        {"url": settings["FRONTDESK_RECORDS_URL"], "key": settings["FRONTDESK_RECORDS_KEY"]}
    )
    async with open_record(access) as record:
        return await look(record.engine, lambda c: wrapped_of(c, call_id)) or b""


def test_an_erased_caller_is_found_nowhere(left: Left, search: Search, made: Path) -> None:
    """Pages, exports, sound, spool, recordings; and what opened them is gone from the files."""
    call = left.call(NUMBER)
    key = asyncio.run(wrapped(made, call.call_id))
    clear = {"clear.jsonl", "page.html"}
    assert clear <= set(search.found_below(made))
    assert keys_in(made, key)
    erased = ran(made, "erase", "--caller", NUMBER)

    assert (erased.returncode, erased.stderr) == (0, "")
    assert "1 calls, 3 files" in erased.stdout
    assert search.found_below(made) == {}
    assert keys_in(made, key) == []
    names = {str(file.relative_to(made)) for file in made.rglob("*")}
    assert not names & {*clear, "sound.ogg"}
    assert [name for name in names if call.call_id in name] == []
    assert json.loads(told(made, "show", call.call_id, "--format", "json"))["turns"] == []


def keys_in(folder: Path, key: bytes) -> list[str]:
    """Files in which a wrapped key lies, as bytes or as journals write it."""
    files = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    return [
        file.name
        for file in files
        if key in (content := file.read_bytes()) or b64encode(key) in content
    ]


def test_the_search_finds_what_no_redactor_has_seen(left: Left, tmp_path: Path) -> None:
    """In each spelling: as it was said, digits alone, escaped, in base64, in UTF-16."""
    search = Search(left.planted)
    for form in range(4):
        said = [b"\0\xffx" + [*spellings(value)][form].upper() + b"y" for value in left.planted]
        assert set(search.found(b"".join(said))) == set(left.planted)
    (tmp_path / "in" / f"x{left.planted[0]}").mkdir(parents=True)
    assert list(search.found_below(tmp_path).values()) == [[left.planted[0]] * 2]
    for call in left.said.values():
        assert [one for one in call if not leaked(one, one.sentence)] == []
