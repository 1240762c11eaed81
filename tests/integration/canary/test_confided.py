"""What the office confides, on a real conversation with a real record: its words stay nowhere."""

import io
import json
import random
import string
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from livekit.agents import utils, vad
from livekit.plugins import silero
from pydantic import BaseModel, SecretStr
from sqlalchemy import select

from agent.logs import bind_call
from agent.reports import Happened
from records import Keeping, keep, schema
from records.opened import open_record
from records.redaction import Kind, Secrets
from records.settings import RecordsAccess
from records.upgrade import upgrade
from tests.integration.canary.searching import Search
from tests.integration.conftest import in_file
from tests.integration.realtime.oncall import OnCall, on_call, until
from tests.integration.realtime.puppet import Puppet, puppet
from tests.observed import logged
from tests.unit.desk_tools.fake_office import FakeOffice, answer
from tests.unit.redaction.planted import NAMES
from tools.call import Call
from tools.catalogue import Result, tool
from tools.policy import Assurance, Policy

CALL, CODES, AT_ONCE = "call-1", 60, 10


class Doors(BaseModel):
    """What opens doors, by their names."""

    codes: dict[str, SecretStr]


class Opened(Result):
    """Said to the caller."""


@tool(Policy(assurance=Assurance.NONE))
async def tell_codes(call: Call, house: str) -> Opened:
    """Tell the codes of a house's doors.

    Args:
        house: Which one.
    """
    found = await call.office.read("/doors/{house}", Doors, house=house)
    codes = ", ".join(code.get_secret_value() for code in found.codes.values())
    return Opened(say=f"The codes are {codes}.")


@pytest.fixture(autouse=True)
async def _http() -> AsyncIterator[None]:
    async with utils.http_context.open():
        yield


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What this process logs, all of it."""
    with logged("debug") as stream:
        yield stream


@pytest.fixture(scope="module")
def local_vad() -> vad.VAD:
    """Nobody speaks."""
    return silero.VAD.load()


def confided() -> list[str]:
    """Codes of eight signs, which nothing else looks like."""
    dice = random.Random(7)
    letters = "BCDFGHJKLMNPQRSTVWXZ"
    return [
        "".join(dice.choices(letters, k=4)) + "".join(dice.choices(string.digits, k=4))
        for _ in range(CODES)
    ]


def spellings(code: str) -> list[str]:
    """How somebody may say it."""
    said = " ".join(NAMES[int(sign)] if sign.isdigit() else sign for sign in code)
    return [code, code.lower(), f"{code[:4]} {code[4:]}", f"{code[:4]}-{code[4:]}", said]


async def use_them(call: OnCall, model: Puppet, codes: Sequence[str]) -> None:
    """The model uses a tool with them, which is in the record."""
    asked, uses = len(model.of("response.create")), len(call.uses)
    await model.call_tool("tell_codes", json.dumps({"house": " ".join(codes[:9])}), asked=False)
    await model.until("response.create", asked + 1)
    await until(lambda: len(call.uses) > uses, 10)


def turns_of(call: OnCall) -> int:
    """How many turns of either side have been kept; the record's filing empties the journal."""
    return sum(isinstance(told, Happened) and told.what == "turn" for told in call.told)


def has_turns(call: OnCall, count: int) -> bool:
    """Whether so many have."""
    return turns_of(call) >= count


async def talk(call: OnCall, model: Puppet, codes: Sequence[str]) -> None:
    """The office tells them, the agent says them, the caller says them back."""
    asked = len(model.of("response.create"))
    await model.call_tool("tell_codes", '{"house": "hill"}', asked=False)
    await model.until("response.create", asked + 1)
    said = [spellings(code)[place % 5] for place, code in enumerate(codes)]
    turns = [", and ".join(said[at : at + AT_ONCE]) for at in range(0, len(said), AT_ONCE)]
    for number, turn in enumerate(turns):
        before = turns_of(call)
        await model.speak(f"They are {turn}.", asked=number == 0)
        await until(partial(has_turns, call, before + 1), 10)
        await model.caller_says(f"So I wrote down {turn}.")
        await until(partial(has_turns, call, before + 2), 10)


async def cells(keeping: Keeping) -> bytes:
    """Every cell of every table."""
    found = b""
    async with keeping.record.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in (await connection.execute(select(table))).all():
                found += b" ".join(c if isinstance(c, bytes) else str(c).encode() for c in row)
    return found


@dataclass(frozen=True)
class Kept:
    """What one conversation left."""

    rows: bytes
    spool: bytes
    opened: bytes


async def held(access: RecordsAccess, local_vad: vad.VAD, secrets: Secrets) -> Kept:
    """A conversation about the codes of sixty doors."""
    await upgrade(access)
    doors = {f"door {place}": code for place, code in enumerate(confided())}
    office = FakeOffice()
    office.troubles.append(("doors", answer(200, json={"codes": doors})))
    keeping = await keep(access, CALL)
    bind_call(CALL, secrets=secrets)
    keeping.journal.write("started", call_id=CALL, profile="acme", caller="+15550001111", terms={})
    async with (
        puppet() as model,
        on_call(
            model.base_url,
            local_vad,
            office=office,
            keeping=keeping,
            secrets=secrets,
            tools={"tell_codes": tell_codes},
        ) as call,
    ):
        await model.until("response.create")
        await model.speak("Hello.")
        await until(lambda: turns_of(call), 10)
        await talk(call, model, confided())
        await use_them(call, model, confided())
    spool = b"".join(file.read_bytes() for file in access.spool.rglob("journal.sealed"))
    rows = await cells(keeping)
    await keeping.close()
    async with open_record(access) as record:
        kept = await record.reader.call(CALL)
    assert kept is not None
    return Kept(rows, spool, kept.model_dump_json().encode())


def searched() -> Search:
    """For every code, however it was said."""
    return Search([spelling for code in confided() for spelling in spellings(code)])


async def test_nothing_that_was_confided_is_kept(
    access: RecordsAccess, tmp_path: Path, local_vad: vad.VAD, log: io.StringIO
) -> None:
    """On either database; in rows, in the spool, in transcripts, in logs of all levels."""
    spool = tmp_path / "spool"
    kept = await held(access.model_copy(update={"spool": spool}), local_vad, Secrets())
    search = searched()

    assert kept.spool
    assert b"[secret]" in kept.opened
    assert "executing tool" in log.getvalue()
    for left in (kept.rows, kept.spool, kept.opened, log.getvalue().encode()):
        assert search.found(left) == []


class Deaf(Secrets):
    """Nobody tells it anything."""

    def add(self, value: str, kind: Kind = Kind.SECRET) -> None:
        """Not even this."""


async def test_it_would_be_found_if_nobody_were_told_of_it(
    tmp_path: Path, local_vad: vad.VAD
) -> None:
    """In what opens with the key; sealed rows and the spool hold nothing that can be read."""
    access = in_file(tmp_path).model_copy(update={"spool": tmp_path / "spool"})
    kept = await held(access, local_vad, Deaf())
    search = searched()

    assert len(set(search.found(kept.opened))) >= CODES
    assert search.found(kept.rows + kept.spool) == []
