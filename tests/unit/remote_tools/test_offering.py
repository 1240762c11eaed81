"""A declaration and a pinned schema fit each other, or the profile is wrong."""

from pathlib import Path
from typing import Any

import pytest

from tools.catalogue import Tool
from tools.confirm import can_be_agreed_to
from tools.remote import Server, Unpinned, mistakes, read_pins
from tools.remote.declared import RemoteTool
from tools.remote.offering import as_tool, misfits
from tools.remote.pins import Pin, write_pins

TEXT = {"type": "string"}
READ = {"effect": "read", "assurance": "none"}
WRITE = {
    "effect": "write",
    "assurance": "none",
    "spoken_yes": True,
    "read_back": "Shall I send {amount} to {order}?",
    "action_words": ["send"],
}


def pinned(*required: str, **properties: Any) -> Pin:
    """A tool as its server told it."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return Pin(description="Do it.", input_schema=schema)


def answering(schema: dict[str, Any]) -> Pin:
    """A tool without arguments whose answers have this schema."""
    return pinned().model_copy(update={"output_schema": schema})


def made(tool: dict[str, Any], pin: Pin) -> Tool:
    """The tool, with nobody behind it."""

    async def nobody(*_: object, **__: object) -> Any:
        raise AssertionError("nobody is asked here")

    return as_tool("desk_do", "do", RemoteTool.model_validate(tool), pin, nobody)


@pytest.mark.parametrize(
    ("tool", "pin", "says"),
    [
        (READ, pinned("customerId", customerId=TEXT), "customerId sounds like whom"),
        (READ, pinned("confirm", confirm={"type": "boolean"}), "confirm sounds like whom"),
        ({**READ, "fixed": {"force": True}}, pinned(), "it has no argument force"),
        ({**READ, "fixed": {"queue": 1}}, pinned(queue=TEXT), "fixed: its values do not fit"),
        ({**READ, "topic_argument": "id"}, pinned(), "it has no argument id"),
        ({**READ, "topic_argument": "id"}, pinned(id=TEXT), "id is no required argument"),
        *(
            (READ, pinned(name, **{name: TEXT}), f"{name} sounds like whom")
            for name in ("owner_id", "verified", "override", "password", "buyer", "onBehalfOf")
        ),
        (READ, answering({"type": "objekt"}), "its schema is none: type"),
        (
            READ,
            answering({"$ref": "http://example.com"}),
            "refers to something that is not defined in it",
        ),
        (WRITE, pinned("order", order=TEXT, amount=TEXT), "{amount} is no required argument"),
        (
            WRITE,
            pinned("order", "amount", "note", order=TEXT, amount=TEXT, note=TEXT),
            "leaves out {note}",
        ),
        (
            {"effect": "read", "subject": "id"},
            pinned("id", id={"type": "integer"}),
            "subject: id is no text",
        ),
    ],
)
def test_what_does_not_fit_is_told(tool: dict[str, Any], pin: Pin, says: str) -> None:
    """Before a call."""
    assert says in "; ".join(misfits(RemoteTool.model_validate(tool), pin))


@pytest.mark.parametrize(
    "tool",
    [
        {**READ, "fixed": {"user_id": "desk"}},
        {**READ, "from_model": ["user_id"]},
        {"effect": "read", "subject": "user_id"},
    ],
)
def test_whom_it_is_about_is_filled_or_named_harmless(tool: dict[str, Any]) -> None:
    """By the profile; then the model sees it only if that was said."""
    pin = pinned("user_id", user_id=TEXT)

    assert misfits(RemoteTool.model_validate(tool), pin) == []
    seen = made(tool, pin).spec.parameters["properties"]
    assert set(seen) == ({"user_id"} if "from_model" in tool else set())


def test_an_optional_argument_about_somebody_is_not_offered() -> None:
    """Nobody has to fill it."""
    assert made(READ, pinned(phone=TEXT, city=TEXT)).spec.parameters["properties"].keys() == {
        "city"
    }


async def test_a_read_back_names_every_value_so_that_nothing_is_lost_in_speech() -> None:
    """Digits one by one; a sign and a point as words, since transcripts drop both."""
    number = {"type": "number"}
    tool = made(
        WRITE, pinned("order", "amount", order=TEXT, amount=number, rush={"type": "boolean"})
    )
    assert tool.read_back is not None

    asked = await tool.read_back(None, root={"order": "4302", "amount": -12.5, "rush": False})

    assert asked.say == "Shall I send minus 12 point 5 to 4 3 0 2? With rush no."
    assert asked.values == ("send", "4 3 0 2", "minus 12 point 5", "rush no")


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        ({"type": "array", "items": {"type": "integer"}}, [3, 4, 5]),
        ({"type": "array", "items": TEXT}, ["4302", "4303", "4303"]),
        ({"type": "boolean"}, True),
        (TEXT, "27 inch wheel"),
        (TEXT, "2026-11-25T09:00"),
    ],
)
async def test_whoever_hears_the_question_hears_every_value(
    rules: dict[str, Any], value: Any
) -> None:
    """Else no yes to it would ever count."""
    tool = made(
        {**WRITE, "read_back": "Shall I send {what} off?"}, pinned("what", what=rules, note=TEXT)
    )
    assert tool.read_back is not None

    asked = await tool.read_back(None, root={"what": value, "note": "a bell"})

    assert can_be_agreed_to(asked), asked


def desk(**tools: Any) -> Server:
    """A server with these tools."""
    return Server.model_validate({"name": "desk", "url": "http://desk", "tools": tools})


def test_names_that_are_taken_are_refused() -> None:
    """By our own tools, by another tool of the server, or by another server."""
    servers = [desk(find=READ, end=READ), desk(FIND=READ)]
    pins = {"desk": {"find": pinned(), "FIND": pinned(), "end": pinned()}}

    assert list(mistakes(servers, pins, {"desk_end"})) == [
        (("mcp_servers", 0, "tools", "end"), "desk_end is another tool's name already"),
        (("mcp_servers", 1, "name"), "desk is another server's name already"),
        (("mcp_servers", 1, "tools", "FIND"), "desk_find is another tool's name already"),
    ]


def test_a_tool_that_nobody_has_pinned_is_refused() -> None:
    """Else its server would say at each call what the model reads."""
    ((field, says),) = mistakes([desk(find=READ)], {}, ())

    assert (field, "not pinned" in says) == (("mcp_servers", 0, "tools", "find"), True)


def test_pins_are_written_for_people_to_compare(tmp_path: Path) -> None:
    """A character that nobody can see is seen."""
    profile = tmp_path / "acme.yaml"
    pin = Pin(description="Find\u200b it.", input_schema={"type": "object"})
    write_pins(profile, {"desk": {"find": pin}})

    assert "Find\\u200b it." in (tmp_path / "acme.mcp.json").read_text(encoding="utf-8")
    assert read_pins(profile)["desk"]["find"].same_as(pin)


@pytest.mark.parametrize("text", [None, "[]", '{"desk": {"find": {}}}'])
def test_a_file_of_pins_that_is_none_is_told_with_the_fix(tmp_path: Path, text: str | None) -> None:
    """The command that writes it."""
    if text is not None:
        (tmp_path / "acme.mcp.json").write_text(text, encoding="utf-8")

    with pytest.raises(Unpinned, match=r"run `python -m tools import mcp .*acme.yaml`"):
        read_pins(tmp_path / "acme.yaml")


def test_a_pin_tells_true_from_one() -> None:
    """As JSON does and Python does not."""
    assert not pinned(a={"const": True}).same_as(pinned(a={"const": 1}))
