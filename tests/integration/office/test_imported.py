"""An area imported from the office's own document works at once, through the real gate."""

import importlib.util
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.integration.office.conftest import KEY, Running
from tests.integration.office.foreign import Foreign, foreign
from tests.integration.office.talk import Talk
from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.importing import crm
from tools import CallFacts, Gate, Office, Tool, catalogue
from tools.__main__ import app
from tools.shared import LocalStore, Shared

ONLY = (
    "read_order_orders__order__get",
    "cancel_order_orders__order__cancel_post",
    "change_address_orders__order__address_patch",
    "list_orders_customers__customer_number__orders_get",
    "list_products_products_get",
    "cancel_appointments__appointment__delete",
)
ADDRESS = {"street": "1 Pier Street", "city": "Oakland", "state": "CA", "zip_code": "94612"}


@pytest.fixture
async def imported(office: Running, tmp_path: Path) -> Mapping[str, Tool]:
    """The tools of an area that the command has written from the office's document."""
    spec, file = tmp_path / "openapi.json", tmp_path / "imported.py"
    spec.write_bytes((await office.client.get("/openapi.json")).content)
    only = [word for name in ONLY for word in ("--only", name)]
    only += ["--public", "list_products_products_get"]
    done = CliRunner().invoke(app, ["import", "openapi", str(spec), "--out", str(file), *only])
    assert done.exit_code == 0, done.stderr
    found = importlib.util.spec_from_file_location("imported", file)
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return {tool.spec.name: tool for tool in vars(module).values() if isinstance(tool, Tool)}


@asynccontextmanager
async def talking(office: Running | Foreign, imported: Mapping[str, Tool]) -> AsyncIterator[Talk]:
    """A call of Robin Ellis, who has proven it, with the imported tools."""
    async with Office(office.url, SecretStr(KEY)) as client:
        gate = Gate(
            tools={**catalogue(["verify_caller"]), **imported},
            office=client,
            ledger=MemoryLedger(),
            follow_ups=MemoryFollowUps(),
            shared=Shared(LocalStore()),
            call=CallFacts("call-1", "+15550001111", "en", datetime.now(UTC)),
            on_use=lambda _: None,
        )
        talk = Talk(gate, [])
        gate.caller_said("my zip code is nine four one oh seven")
        assert (await talk.use("verify_caller", zip_code="94107"))["outcome"] == "ok"
        yield talk


async def test_reads_answer(office: Running, imported: Mapping[str, Tool]) -> None:
    """One of the caller's own orders, all of them, and what belongs to nobody."""
    async with talking(office, imported) as talk:
        one = await talk.use("read_order", order="4302")
        every = await talk.use("list_orders")
        products = await talk.use("list_products", search="pump")

    assert (one["outcome"], one["found"]["status"]) == ("ok", "processing")
    assert {order["customer_number"] for order in every["found"]["orders"]} == {"20417"}
    assert "pump" in products["found"]["products"][0]["name"].lower()


async def test_a_write_asks_first_and_is_done_once(
    office: Running, imported: Mapping[str, Tool]
) -> None:
    """Without a yes nothing happens; with one it happens, and said again it has been done."""
    async with talking(office, imported) as talk:
        asked = await talk.use("imported_cancel_order", order="4302")
        before = await office.effects()
        done = await talk.agreed("imported_cancel_order", order="4302")
        again = await talk.use("imported_cancel_order", order="4302")

    assert asked["say"] == (
        "Shall I do this: cancel order? The order is 4 3 0 2. Please say yes or no."
    )
    assert before == []
    assert done["found"]["status"] == "cancelled"
    assert again["outcome"] == "duplicate"
    assert [effect["subject"] for effect in await office.effects()] == ["4302"]


async def test_every_argument_has_to_be_said(office: Running, imported: Mapping[str, Tool]) -> None:
    """A yes to a question that left the street out changes nothing."""
    async with talking(office, imported) as talk:
        asked = await talk.use("imported_change_address", order="4302", **ADDRESS)
        talk.gate.agent_said(asked["say"].replace("1 Pier Street", "that one"))
        talk.gate.caller_said("yes please")
        half = await talk.use("imported_change_address", order="4302", **ADDRESS)
        done = await talk.agreed("imported_change_address", order="4302", **ADDRESS)

    assert (half["outcome"], half["reason"]) == ("needs_yes", "not_read_back")
    assert done["found"]["address"] == ADDRESS


@pytest.mark.parametrize("order", ["5150", "9999"])
async def test_another_customers_is_like_none(
    office: Running, imported: Mapping[str, Tool], order: str
) -> None:
    """Neither read nor cancelled, and nobody learns whether it is there."""
    async with talking(office, imported) as talk:
        read = await talk.use("read_order", order=order)
        cancelled = await talk.use("imported_cancel_order", order=order)

    expected = {
        "outcome": "refused",
        "reason": "not_found",
        "say": "I can't find that on your account.",
    }
    assert (read, cancelled) == (expected, expected), json.dumps([read, cancelled])
    assert await office.effects() == []


async def test_a_lost_answer_is_settled_by_its_key(
    office: Running, imported: Mapping[str, Tool]
) -> None:
    """The office takes keys and says what became of one, so the caller hears that it is done."""
    async with talking(office, imported) as talk:
        await office.fault("/orders/{order}/cancel", "commit_then_drop")
        done = await talk.agreed("imported_cancel_order", order="4302")

    assert done["outcome"] == "ok"
    assert len(await office.effects()) == 1


TICKETS = {name: tool for name, tool in vars(crm).items() if isinstance(tool, Tool)}
NOT_FOUND = ("refused", "not_found", "I can't find that on your account.")
SAID_NO = ("refused", "office_refused", "I am sorry, our office does not allow that.")


async def test_what_is_not_there_switches_no_tool_off() -> None:
    """An API of others tells a 404 in its own words; the tool is there for whoever asks next."""
    with foreign() as api:
        async with talking(api, TICKETS) as talk:
            none = [await talk.use("retrieve_ticket", ticket_id=f"00000{n}") for n in range(6)]
            found = await talk.use("retrieve_ticket", ticket_id="431502")

    assert {(one["outcome"], one["reason"], one["say"]) for one in none} == {NOT_FOUND}
    assert (found["outcome"], found["found"]["subject"]) == ("ok", "A leak")


@pytest.mark.parametrize("status", [400, 405, 409, 422])
async def test_a_no_in_other_words_is_a_no(status: int) -> None:
    """A write that was turned down changed nothing, and a list that was is no failure either."""
    with foreign(status) as api:
        async with talking(api, TICKETS) as talk:
            written = await talk.agreed("create_ticket", subject="A leak")
            read = [await talk.use("list_tickets") for _ in range(6)]

    assert {(one["outcome"], one["reason"], one["say"]) for one in (written, *read)} == {SAID_NO}


@pytest.mark.parametrize("status", [408, 425, 429])
async def test_a_write_is_in_doubt_where_http_leaves_it(status: int) -> None:
    """Too slow, too early, too much: whether anything was done by then is not said."""
    with foreign(status) as api:
        async with talking(api, TICKETS) as talk:
            written = await talk.agreed("create_ticket", subject="A leak")

    assert written["outcome"] == "unknown"
