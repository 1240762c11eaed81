"""Tools by name, and the schemas that the model sees."""

import json
import re
from pathlib import Path

import pytest

from tools import catalogue
from tools.call import Call
from tools.catalogue import Result, UnknownTool, _all_tools, tool
from tools.policy import Effect, Policy

PINNED = Path(__file__).parent / "schemas.json"


def test_what_the_model_sees_is_pinned() -> None:
    """Names, descriptions and schemas are product text: a change is reviewed in schemas.json."""
    seen = {
        name: {"description": found.spec.description, "parameters": found.spec.parameters}
        for name, found in catalogue(_all_tools()).items()
    }
    pinned = json.loads(PINNED.read_text())
    other = {name: seen.get(name) for name in seen.keys() | pinned.keys()}
    other = {name: schema for name, schema in other.items() if schema != pinned.get(name)}

    assert not other, f"not as in {PINNED.name}:\n{json.dumps(other, indent=2)}"


def test_an_unknown_name_is_a_clear_error() -> None:
    """Whoever misspells a tool in a profile learns which there are."""
    with pytest.raises(
        UnknownTool, match=r"no tool named 'cancel_oder'; there are: .*cancel_order"
    ):
        catalogue(["look_up_order", "cancel_oder"])


def test_no_tool_lets_the_model_choose_the_customer() -> None:
    """Nothing but the caller's own words names a customer, and no flag claims consent."""
    asked = {
        argument
        for name, found in catalogue(_all_tools()).items()
        for argument in found.spec.parameters["properties"]
        if name not in ("verify_caller", "verify_by_pin", "promise_callback", "ask_for_person")
    }

    forbidden = re.compile("customer|caller|phone|user|confirm|consent|agreed|force")
    assert [argument for argument in asked if forbidden.search(argument)] == []


def test_an_undescribed_argument_is_refused() -> None:
    """A tool whose docstring leaves an argument out does not load."""
    with pytest.raises(ValueError, match="must describe every argument"):

        @tool(Policy())
        async def look_up(call: Call, order: str) -> Result:
            """Look something up."""
            return Result(say=order)


def test_a_write_without_a_read_back_is_refused() -> None:
    """A policy that needs a yes needs the question to it."""
    with pytest.raises(ValueError, match="read-back"):

        @tool(Policy(effect=Effect.IRREVERSIBLE, spoken_yes=True))
        async def throw_away(call: Call) -> Result:
            """Throw everything away."""
            return Result(say="Gone.")
