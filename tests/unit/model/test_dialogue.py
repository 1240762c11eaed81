"""The dialogue: what was heard and answered becomes what is said and called."""

import json
from typing import Any

from rehearsal.model.dialogue import Call, Dialogue, quoted
from tests.unit.model.acting import LOOK_UP, brain


def _dialogue(**changes: Any) -> Dialogue:
    dialogue = Dialogue(brain(**changes))
    dialogue.offer([LOOK_UP])
    return dialogue


def _looked_up(dialogue: Dialogue, **result: Any) -> str:
    dialogue.hear("where is order 4271")
    dialogue.reply()
    dialogue.sent("call_1", "look_up_order")
    dialogue.answer("call_1", json.dumps(result))
    return dialogue.reply().say


def test_what_a_persona_quotes_is_not_said() -> None:
    """Clients put the session's instructions in front; only the last line is an order."""
    persona = 'Never say "I guess".\nSay exactly: "Good morning."'

    assert quoted(persona) == ["Good morning."]


def test_a_quoted_sentence_is_said_exactly() -> None:
    """Instructions with a sentence in double quotes are spoken, whatever the state."""
    reply = _dialogue().reply('Say exactly: "Acme, good morning."')

    assert reply.say == "Acme, good morning."


def test_the_first_reply_is_the_greeting_and_the_next_breaks_the_silence() -> None:
    """A reply that nobody's words caused greets once."""
    dialogue = _dialogue()

    assert [dialogue.reply().say, dialogue.reply().say] == ["Hello.", "Are you still there?"]


def test_what_is_heard_calls_a_tool_with_the_slot() -> None:
    """A slot's value becomes an argument."""
    dialogue = _dialogue()
    dialogue.hear("where is my order four two seven one")

    assert dialogue.reply().calls == (Call("look_up_order", {"order": "4271"}),)


def test_the_result_chooses_what_is_said() -> None:
    """A branch that fits the result speaks its template."""
    said = _looked_up(_dialogue(), outcome="ok", status="shipped", say="It is on its way.")

    assert said == "It is on its way. Anything else?"


def test_a_result_without_a_branch_is_answered_in_its_own_words() -> None:
    """Whatever outcome a tool invents, the caller hears its sentence."""
    assert _looked_up(_dialogue(), outcome="odd", say="That went oddly.") == "That went oddly."


def test_an_output_that_is_no_object_is_taken_as_words() -> None:
    """Other clients answer in plain text."""
    dialogue = _dialogue()
    dialogue.hear("4271")
    dialogue.reply()
    dialogue.sent("call_1", "look_up_order")
    dialogue.answer("call_1", "An internal error occurred")

    assert dialogue.reply().say == "An internal error occurred"


def test_misses_are_answered_more_and_more_plainly() -> None:
    """The second miss in a row gets the second line, and so do all that follow."""
    dialogue = _dialogue()
    said = []
    for _ in range(3):
        dialogue.hear(None)
        said.append(dialogue.reply().say)

    assert said == ["Pardon?", "Once more, please.", "Once more, please."]


def test_after_so_many_misses_the_script_gives_up() -> None:
    """`give_up_after` misses lead to another move."""
    state = {"give_up_after": 2, "give_up": {"say": "I give up.", "go": "ready"}}
    dialogue = _dialogue(states={"ready": state})
    for _ in range(2):
        dialogue.hear(None)
        said = dialogue.reply().say

    assert said == "I give up."


def test_a_pause_inside_a_number_does_not_break_it() -> None:
    """Two turns that only make sense together are taken together."""
    dialogue = _dialogue()
    dialogue.hear("where is my order")
    dialogue.hear("four two seven one")

    assert dialogue.reply().calls == (Call("look_up_order", {"order": "4271"}),)


def test_a_caller_who_talks_while_a_tool_runs_is_asked_to_wait() -> None:
    """Nothing is made up before the tool has answered."""
    dialogue = _dialogue()
    dialogue.hear("4271")
    dialogue.reply()
    dialogue.sent("call_1", "look_up_order")
    dialogue.hear(None)

    assert dialogue.reply().say == "One moment, please."


def test_a_call_that_does_not_fit_the_schema_is_never_sent() -> None:
    """A mistake in the script is told instead."""
    slots = {"order": {"digits": 5}}
    dialogue = _dialogue(slots=slots)
    dialogue.hear("one two three four five")
    reply = dialogue.reply()

    assert reply.calls == ()
    assert "does not fit its schema" in reply.script_errors[0]


def test_a_tool_that_is_not_offered_is_never_called() -> None:
    """Only what session.update offers can be called."""
    dialogue = _dialogue()
    dialogue.offer([])
    dialogue.hear("4271")
    reply = dialogue.reply()

    assert reply.calls == ()
    assert "not offered" in reply.script_errors[0]


def test_a_tool_may_be_called_only_where_it_is_offered() -> None:
    """`if_offered` makes a missing tool no mistake."""
    rule = {"hears": ["goodbye"], "say": "Bye.", "calls": [{"tool": "end", "if_offered": True}]}
    dialogue = _dialogue(states={"ready": {"rules": [rule]}})
    dialogue.hear("goodbye")
    reply = dialogue.reply()

    assert (reply.say, reply.calls, reply.script_errors) == ("Bye.", (), ())


def test_several_calls_go_out_at_once_and_are_answered_by_name() -> None:
    """Parallel results are told apart by their tool."""
    rule = {
        "hears": ["both"],
        "calls": [{"tool": "a"}, {"tool": "b"}],
        "results": [{"when": {"b.outcome": "ok", "outcome": "refused"}, "say": "{a.why}!"}],
    }
    dialogue = _dialogue(states={"ready": {"rules": [rule]}})
    dialogue.offer([{"type": "function", "name": name} for name in "ab"])
    dialogue.hear("both")
    calls = dialogue.reply().calls
    for call in calls:
        dialogue.sent(f"call_{call.tool}", call.tool)
    dialogue.answer("call_b", '{"outcome": "ok"}')
    dialogue.answer("call_a", '{"outcome": "refused", "why": "closed"}')

    assert len(calls) == 2
    assert dialogue.reply().say == "closed!"


def test_a_replayed_conversation_leads_to_the_same_state() -> None:
    """A client that reconnects and replays the history goes on where it was."""
    states = {
        "ready": {"rules": [{"hears": ["cancel {order}"], "say": "Sure?", "go": "sure"}]},
        "sure": {"rules": [{"hears": ["yes"], "say": "Cancelled {order:digits}."}]},
    }
    dialogue = _dialogue(states=states)
    dialogue.hear("cancel 4271")
    dialogue.settle()
    dialogue.hear("yes")

    assert dialogue.reply().say == "Cancelled four two seven one."


def test_a_missing_field_is_an_error_of_the_script() -> None:
    """A template over a field that the result lacks is told."""
    dialogue = _dialogue()
    dialogue.hear("4271")
    dialogue.reply()
    dialogue.sent("call_1", "look_up_order")
    dialogue.answer("call_1", '{"status": "shipped"}')

    assert "{result.say} has no value" in dialogue.reply().script_errors[0]
