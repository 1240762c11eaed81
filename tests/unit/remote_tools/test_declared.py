"""The policy of a tool from elsewhere is stated in full, or the profile is wrong."""

from typing import Any

import pytest
from pydantic import ValidationError

from records.witness import Witness
from tools.policy import Assurance, Effect
from tools.remote import Server
from tools.remote.declared import RemoteTool

ASKS = {"spoken_yes": True, "read_back": "Shall I open {title}?", "action_words": ["open"]}


def declared(**tool: Any) -> RemoteTool:
    """A tool as a profile has it."""
    return RemoteTool.model_validate(tool)


def test_a_tool_without_a_policy_is_refused() -> None:
    """Its name alone offers nothing."""
    with pytest.raises(ValidationError, match="has no policy: write at least its effect"):
        Server.model_validate({"name": "desk", "url": "http://desk", "tools": {"find": None}})


@pytest.mark.parametrize(
    ("tool", "says"),
    [
        ({"assurance": "none"}, "Field required"),
        ({"effect": "write"}, "write spoken_yes: true, or false"),
        ({"effect": "irreversible", "spoken_yes": False}, "needs a spoken yes"),
        ({"effect": "write", "spoken_yes": True}, "belong together"),
        ({"effect": "read", "read_back": "Shall I?"}, "belong together"),
        ({"effect": "write", **ASKS, "action_words": ["drop"]}, "drop is no word of read_back"),
        ({"effect": "write", "spoken_yes": False, "tries": 2}, "only if the back end honours"),
        ({"effect": "read", "try_s": 9, "deadline_s": 5}, "at most deadline_s"),
        ({"effect": "read", "assurance": "none", "subject": "id"}, "a caller who is known"),
        ({"effect": "read", "subject": "id", "fixed": {"id": "1"}}, "both subject and fixed"),
        ({"effect": "read", "honours_key": True}, "Extra inputs"),
    ],
)
def test_a_policy_that_leaves_a_question_open_is_refused(tool: dict[str, Any], says: str) -> None:
    """A sentence says which."""
    with pytest.raises(ValidationError, match=says):
        declared(**tool)


def test_the_defaults_are_the_careful_ones() -> None:
    """A write is sent once, for a verified caller; nobody else knows what became of it."""
    policy = declared(effect="write", spoken_yes=False).policy

    assert (policy.effect, policy.assurance) == (Effect.WRITE, Assurance.KNOWLEDGE)
    assert (policy.tries, policy.witness) == (1, Witness.NOBODY)


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"url": "http://desk", "command": ["desk"]},
        {"url": "desk:80"},
        {"url": "https://key@desk/mcp"},
        {"url": "http://desk", "key_variable": "sk-1234"},
    ],
)
def test_a_server_is_in_one_place_and_its_key_in_none(place: dict[str, Any]) -> None:
    """A key that is written into the profile would be in its repository."""
    with pytest.raises(ValidationError):
        Server.model_validate({"name": "desk", **place})


def test_offered_names_are_names_of_tools() -> None:
    """Whatever its server calls it."""
    server = Server(name="desk", url="http://desk")

    assert server.offered_name("Tickets/create-new.v2") == "desk_tickets_create_new_v2"
