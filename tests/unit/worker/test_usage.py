"""What events of the model's server say was used; cached tokens are part of those read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.usage import usage_of
from records.view import Tokens
from rehearsal.model import usage as rehearsed

COUNT = st.integers(0, 10**6)
NAMES = st.sampled_from([
    "usage", "type", "seconds", "input_tokens", "output_tokens", "input_token_details",
    "text_tokens", "audio_tokens", "cached_tokens", "cached_tokens_details",
])  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
DONE = "response.done"
WRITTEN = "conversation.item.input_audio_transcription.completed"


def used(event: dict[str, Any]) -> Tokens | None:
    """What the call used by this event."""
    return usage_of(event, model="s2s", transcription_model="scribe")


def done(usage: Any) -> Tokens | None:
    """What a response with this usage used."""
    return used({"type": DONE, "response": {"id": "r", "usage": usage}})


def written(usage: Any) -> Tokens | None:
    """What a transcript with this usage used."""
    return used({"type": WRITTEN, "transcript": "hello", "usage": usage})


def test_a_response_is_taken_apart_by_text_sound_and_cache() -> None:
    """The shape that OpenAI sends."""
    usage = {
        "total_tokens": 821,
        "input_tokens": 789,
        "output_tokens": 32,
        "input_token_details": {
            "text_tokens": 313,
            "audio_tokens": 476,
            "image_tokens": 0,
            "cached_tokens": 640,
            "cached_tokens_details": {"text_tokens": 256, "audio_tokens": 384, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": 9, "audio_tokens": 23},
    }

    assert done(usage) == Tokens(
        model="s2s",
        input_text=313,
        input_audio=476,
        input_cached_text=256,
        input_cached_audio=384,
        output_text=9,
        output_audio=23,
    )


@given(COUNT, COUNT)
def test_what_the_rehearsal_sends_is_understood(text: int, audio: int) -> None:
    """Every token of a session of the scripted model is counted once."""
    account = rehearsed.Account()
    account.note_audio("item", audio)
    items: list[dict[str, Any]] = [
        {"id": "item"},
        {"id": "other", "content": [{"text": "word" * 5}]},
    ]
    first = account.usage({}, items, rehearsed.Tokens(text, audio))
    found = done(account.usage({"instructions": "be kind"}, items, rehearsed.Tokens(text, audio)))
    assert found is not None
    assert done(first) is not None

    assert found.input_text == rehearsed.text_tokens("word" * 5) + rehearsed.text_tokens("be kind")
    assert (found.input_audio, found.output_text, found.output_audio) == (audio, text, audio)
    assert found.input_cached_audio == audio // 64 * 64


@given(COUNT, COUNT, COUNT, COUNT)
def test_no_more_was_cached_than_was_read(text: int, audio: int, first: int, second: int) -> None:
    """Whatever a server says: otherwise the uncached rest would be paid back."""
    details = {"text_tokens": text, "audio_tokens": audio}
    told = {"cached_tokens_details": {"text_tokens": first, "audio_tokens": second}}
    for cached in (told, {"cached_tokens": first}):
        found = done({"input_token_details": {**details, **cached}})
        if found:
            assert found.input_cached_text <= found.input_text == text
            assert found.input_cached_audio <= found.input_audio == audio


def test_what_the_details_leave_open_counts_as_sound() -> None:
    """Sound is the dearest: a budget errs towards the end of a call, not past it."""
    assert done({"input_tokens": 9, "output_tokens": 4}) == Tokens(
        model="s2s", input_audio=9, output_audio=4
    )
    assert done({"input_tokens": 9, "input_token_details": {"image_tokens": 9}}) is None


def test_cached_tokens_without_their_kind_are_text_first() -> None:
    """Instructions stand at the beginning, where a cache begins."""
    details = {"text_tokens": 10, "audio_tokens": 10, "cached_tokens": 14}
    found = done({"input_tokens": 20, "input_token_details": details})

    assert found is not None
    assert (found.input_cached_text, found.input_cached_audio) == (10, 4)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {
                "type": "tokens",
                "input_tokens": 31,
                "output_tokens": 5,
                "input_token_details": {"audio_tokens": 30, "text_tokens": 1},
            },
            Tokens(model="scribe", input_text=1, input_audio=30, output_text=5),
        ),
        ({"type": "duration", "seconds": 2.5}, Tokens(model="scribe", transcribed_ms=2500)),
        ({"type": "duration", "seconds": "soon"}, None),
        (None, None),
    ],
)
def test_a_transcript_is_the_transcription_models(usage: Any, expected: Tokens | None) -> None:
    """By tokens or by the length of the sound; the event does not name the model."""
    assert written(usage) == expected


def test_other_events_use_nothing() -> None:
    """Neither does a response that was cancelled before it had begun, or a transcript of nobody."""
    event = {"type": WRITTEN, "usage": {"type": "duration", "seconds": 2}}

    assert used({"type": "response.created", "response": {"usage": {"input_tokens": 5}}}) is None
    assert done(None) is None
    assert usage_of(event, model="s2s", transcription_model=None) is None


@given(st.sampled_from([DONE, WRITTEN]), ANYTHING, ANYTHING)
def test_no_answer_of_a_server_can_break_a_call(kind: str, response: Any, usage: Any) -> None:
    """Or make it cheaper than nothing."""
    found = used({"type": kind, "response": response, "usage": usage})

    assert found is None or min(found.model_dump(exclude={"model"}).values()) >= 0
