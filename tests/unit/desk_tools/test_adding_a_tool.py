"""docs/adding-a-tool.md is true: its tool works as it is written there."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import SecretStr

from tests.memory_record import MemoryFollowUps, MemoryLedger
from tests.unit.desk_tools.fake_office import FakeOffice, answer
from tools import CallFacts, Gate, Office
from tools.catalogue import Tool
from tools.shared import Shared

DOC = Path(__file__).parents[3] / "docs" / "adding-a-tool.md"


def documented_tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    """The tool of the page's first code block, loaded as a module."""
    found = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert found, "the page shows a tool"
    module = ModuleType("documented")
    monkeypatch.setitem(sys.modules, "documented", module)
    exec(found[1], module.__dict__)  # noqa: S102  # our own page is what is tested
    made = module.__dict__["find_price"]
    assert isinstance(made, Tool)
    return made


async def test_the_documented_tool_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied from the page, the tool loads, passes the gate and says a price."""
    tool = documented_tool(monkeypatch)
    fake = FakeOffice()
    products = {"products": [{"name": "Floor Pump", "price_cents": 4450, "sku": "FP"}]}
    fake.troubles.append(("/products", answer(200, json=products)))
    facts = CallFacts("call-1", None, "en", datetime.now(UTC))
    async with Office("http://office", SecretStr("key"), transport=fake.transport()) as office:
        gate = Gate(
            tools={tool.spec.name: tool},
            office=office,
            ledger=MemoryLedger(),
            follow_ups=MemoryFollowUps(),
            shared=Shared(),
            call=facts,
            on_use=lambda _: None,
        )
        told = json.loads((await gate.use("find_price", '{"product": "pump"}')).text)

    assert told["say"] == "The Floor Pump is 44 dollars and 50 cents."
