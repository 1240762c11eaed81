"""docs/adding-a-tool.md is true: its tools work as they are written there, and lint takes them."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.fake_office import answer, order
from tools.catalogue import Tool

ROOT = Path(__file__).parents[3]
DOC = ROOT / "docs" / "adding-a-tool.md"
BLOCKS = re.findall(
    r"`(tools/\w+\.py)`, complete[.:]\n\n```python\n(.*?)```", DOC.read_text(), re.DOTALL
)
TOOLS = {"tools/catalog.py": "find_price", "tools/pickup.py": "keep_at_shop"}


def documented(block: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A code block of the page, loaded as a module."""
    module = ModuleType("documented")
    monkeypatch.setitem(sys.modules, "documented", module)
    exec(block, module.__dict__)  # noqa: S102  # our own page is what is tested
    return module


@asynccontextmanager
async def offering(name: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk on which the documented tool of this name is offered, too."""
    for file, block in BLOCKS:
        if TOOLS[file] == name:
            made = documented(block, monkeypatch).__dict__[name]
            assert isinstance(made, Tool)
            async with opened(more=("change_address",), also={name: made}) as desk:
                yield desk


def test_the_page_shows_a_tool_that_reads_and_one_that_writes() -> None:
    """The other tests follow it."""
    assert [file for file, _ in BLOCKS] == [*TOOLS]


@pytest.mark.parametrize(("file", "block"), BLOCKS)
def test_what_is_copied_from_the_page_passes_lint(file: str, block: str) -> None:
    """Else `make test` would complain of what the page itself says."""
    for check in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *check, "--stdin-filename", file, "-"]
        done = subprocess.run(
            ruff, input=block, text=True, capture_output=True, cwd=ROOT, check=False
        )
        assert done.returncode == 0, done.stdout


async def test_the_documented_read_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied from the page, the tool loads, passes the gate and says a price."""
    products = {"products": [{"name": "Floor Pump", "price_cents": 4450, "sku": "FP"}]}
    async with offering("find_price", monkeypatch) as desk:
        desk.office.troubles.append(("/products", answer(200, json=products)))
        told = await desk.use("find_price", product="pump")

    assert told["say"] == "The Floor Pump is 44 dollars and 50 cents."


async def test_the_documented_write_asks_first_and_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verified caller's yes, and one request with a key."""
    async with offering("keep_at_shop", monkeypatch) as desk:
        await desk.verify()
        asked = await desk.use("keep_at_shop", order="4302")
        desk.gate.agent_said(asked["say"])
        desk.gate.caller_said("Yes, keep it there.")
        changed = order("4302", "20417", "processing")
        desk.office.troubles.append(("/address", answer(200, json=changed)))
        told = await desk.use("keep_at_shop", order="4302")

    assert asked["say"] == "Shall I keep order 4 3 0 2 at our shop for you? Please say yes or no."
    assert (told["outcome"], told["say"]) == ("ok", "Order 4 3 0 2 will wait at our shop.")


async def test_the_documented_write_leaves_others_orders_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else's order sounds like one that does not exist, and nobody is asked about it."""
    async with offering("keep_at_shop", monkeypatch) as desk:
        await desk.verify()
        foreign = await desk.use("keep_at_shop", order="5150")
        unknown = await desk.use("keep_at_shop", order="9999")

    assert foreign["reason"] == unknown["reason"] == "not_found"
    assert not [request for request in desk.office.requests if "PATCH" in request]


async def test_the_documented_write_undoes_another_of_the_same_topic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who changes the address, then keeps the order, may wish for the first address again."""
    home = {"street": "48 Lake Street", "city": "Chicago", "state": "IL", "zip_code": "60601"}
    changed = answer(200, json=order("4302", "20417", "processing"))
    outcomes = []
    async with offering("keep_at_shop", monkeypatch) as desk:
        await desk.verify()
        for name, given in (
            ("change_address", home),
            ("keep_at_shop", {}),
            ("change_address", home),
        ):
            asked = await desk.use(name, order="4302", **given)
            desk.gate.agent_said(asked["say"])
            desk.gate.caller_said("Yes, please.")
            desk.office.troubles.append(("/address", changed))
            outcomes.append((await desk.use(name, order="4302", **given))["outcome"])

    assert outcomes == ["ok", "ok", "ok"]
