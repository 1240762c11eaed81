"""The small parts of the protocol: items, session settings, tokens, faults, voices."""

from typing import Any

import numpy as np
import pytest

from rehearsal.model.config import SessionConfig
from rehearsal.model.conversation import BadItem, Conversation
from rehearsal.model.faults import Fault, Order, Orders, take
from rehearsal.model.protocol import BadEvent
from rehearsal.model.usage import Account, Tokens
from rehearsal.model.voice import onset_ms, sentences


def _conversation(*ids: str) -> Conversation:
    conversation = Conversation()
    for item_id in ids:
        conversation.add({"id": item_id})
    return conversation


def test_only_the_first_item_has_nothing_before_it() -> None:
    """A null previous_item_id would put an item at the head of the client's history."""
    conversation = Conversation()

    assert [conversation.add({"id": i}) for i in "abc"] == [None, "a", "b"]


def test_an_item_goes_where_the_client_wants_it() -> None:
    """`root` is the head, an id is the item before."""
    conversation = _conversation("a", "b")
    conversation.add({"id": "c"}, "a")
    conversation.add({"id": "d"}, "root")

    assert [item["id"] for item in conversation.items] == ["d", "a", "c", "b"]


@pytest.mark.parametrize(("item_id", "after"), [("a", None), ("c", "nothing")])
def test_a_taken_id_or_an_unknown_place_is_refused(item_id: str, after: str | None) -> None:
    """The client learns what is wrong with its item."""
    with pytest.raises(BadItem):
        _conversation("a").add({"id": item_id}, after)


def test_a_session_keeps_what_is_not_changed() -> None:
    """An update merges into the audio settings."""
    config = SessionConfig()
    config.update({"audio": {"output": {"voice": "cedar"}}, "instructions": "Be brief."})

    assert config.voice == "cedar"
    assert config.turn_detection is not None
    assert config.turn_detection.silence_ms == 500


def test_a_client_cannot_rename_the_model() -> None:
    """session.model always says that this is scripted."""
    config = SessionConfig()
    config.update({"model": "gpt-realtime"})

    assert "not a language model" in config.wire["model"]


@pytest.mark.parametrize(
    ("detection", "silence_ms"),
    [
        ({"type": "server_vad", "silence_duration_ms": 250}, 250),
        ({"type": "semantic_vad", "eagerness": "high"}, 300),
        ({"type": "semantic_vad", "eagerness": None}, 500),
        (None, None),
    ],
)
def test_turn_detection_is_read(detection: dict[str, Any] | None, silence_ms: int | None) -> None:
    """Eagerness is a length of silence; null leaves the turns to the client."""
    config = SessionConfig()
    config.update({"audio": {"input": {"turn_detection": detection}}})
    found = config.turn_detection

    assert (found.silence_ms if found else None) == silence_ms


@pytest.mark.parametrize(
    "side",
    [
        {"format": {"type": "audio/pcmu"}},
        {"format": {"type": "audio/pcm", "rate": 16000}},
        {"turn_detection": {"type": "psychic"}},
        {"turn_detection": {"type": "server_vad", "threshold": 2}},
        {"turn_detection": {"type": "server_vad", "silence_duration_ms": "long"}},
        {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000}},
        {"turn_detection": {"type": "semantic_vad", "eagerness": "wild"}},
    ],
)
def test_what_cannot_be_honoured_is_refused_whole(side: dict[str, Any]) -> None:
    """A setting that this model lacks is an error, not silently ignored."""
    config = SessionConfig()
    before = config.wire
    with pytest.raises(BadEvent):
        config.update({"audio": {"input": side}})

    assert config.wire == before


def test_what_was_read_before_is_cached_in_blocks() -> None:
    """The second response of a session reads the same instructions from the cache."""
    account = Account()
    session = {"instructions": "x" * 800}
    first = account.usage(session, [], Tokens(text=5, audio=40))
    second = account.usage(session, [], Tokens())

    assert first["input_token_details"]["cached_tokens"] == 0
    assert second["input_token_details"]["cached_tokens"] == 192
    assert first["total_tokens"] == 200 + 45


def test_audio_counts_as_audio() -> None:
    """An item that holds audio is not counted as text as well."""
    account = Account()
    account.note_audio("a", 30)
    item = {"id": "a", "content": [{"transcript": "words", "text": "words"}]}
    details = account.usage({}, [item], Tokens())["input_token_details"]

    assert (details["text_tokens"], details["audio_tokens"]) == (0, 30)


def test_orders_are_served_first_come_first_served() -> None:
    """Each order holds for its number of sessions, standing faults for all."""
    orders = Orders()
    orders.add(Order.model_validate({"faults": ["silent"], "times": 2}))
    orders.add(Order.model_validate({"faults": [{"kind": "slow", "seconds": 1}]}))
    orders.standing = (Fault(kind="failed"),)
    kinds = [[fault.kind for fault in orders.take().faults] for _ in range(4)]

    assert kinds == [["silent", "failed"], ["silent", "failed"], ["slow", "failed"], ["failed"]]


def test_a_limited_fault_is_used_up() -> None:
    """`responses` counts down."""
    faults = [Fault(kind="failed", responses=2)]

    assert [bool(take(faults, "failed", {})) for _ in range(3)] == [True, True, False]


def test_a_fault_waits_for_its_event() -> None:
    """Until it has been sent so often, all is well; afterwards the fault holds."""
    faults = [Fault(kind="quota", after_event="response.done", nth=2)]

    due = [bool(take(faults, "quota", {"response.done": done})) for done in range(4)]

    assert due == [False, False, True, True]


def test_text_is_spoken_sentence_by_sentence() -> None:
    """A number with a point is not the end of a sentence."""
    assert sentences("It costs 4.50. Is that all? Good!") == [
        "It costs 4.50.",
        "Is that all?",
        "Good!",
    ]


@pytest.mark.parametrize("silence_ms", [0, 80, 300])
def test_an_onset_is_where_the_telephone_hears_the_first_sound(silence_ms: int) -> None:
    """What comes before is the voice's own softness: silence, or sound above the telephone band."""
    at = np.arange(24_000 * 500 // 1000) / 24_000
    tone = (6_000 * np.sin(2 * np.pi * 300 * at)).astype(np.int16)
    hiss = (6_000 * np.sin(2 * np.pi * 9_000 * at)).astype(np.int16)[: 24 * silence_ms]

    assert abs(onset_ms(np.concatenate([hiss, tone])) - silence_ms) <= 4


def test_silence_has_no_onset() -> None:
    """There is nothing to wait for."""
    assert onset_ms(np.zeros(24_000, dtype=np.int16)) == 0
