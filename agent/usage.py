"""What a model's server says it used: two kinds of its events, as counts for record and cost. Pure.

`agent.conversation` asks for every event of the model's socket, so that use is known while a call
runs, and written down before a job can die. livekit-agents sums it up at the end only.
"""

from collections.abc import Mapping
from typing import Any

from records.view import Tokens

_TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


def usage_of(
    event: Mapping[str, Any], *, model: str, transcription_model: str | None
) -> Tokens | None:
    """What `event`, one of the Realtime protocol's server, adds to what the call has used.

    Neither kind of event names its model: a response is `model`'s, a transcript
    `transcription_model`'s. None for any other event and for one that used nothing or does not say.
    """
    kind = event.get("type")
    if kind == "response.done":
        usage = _table(_table(event, "response"), "usage")
        used = _response(usage, model)
    elif kind == _TRANSCRIBED and transcription_model is not None:
        used = _transcript(_table(event, "usage"), transcription_model)
    else:
        return None
    return used if any(used.model_dump(exclude={"model"}).values()) else None


def _response(usage: Mapping[str, Any], model: str) -> Tokens:
    read, written = _table(usage, "input_token_details"), _table(usage, "output_token_details")
    text, audio = _split(usage, "input_tokens", read)
    out_text, out_audio = _split(usage, "output_tokens", written)
    cached_text, cached_audio = _cached(read, text, audio)
    return Tokens(
        model=model,
        input_text=text,
        input_audio=audio,
        input_cached_text=cached_text,
        input_cached_audio=cached_audio,
        output_text=out_text,
        output_audio=out_audio,
    )


def _transcript(usage: Mapping[str, Any], model: str) -> Tokens:
    if usage.get("type") == "duration":
        return Tokens(model=model, transcribed_ms=_milliseconds(usage.get("seconds")))
    text, audio = _split(usage, "input_tokens", _table(usage, "input_token_details"))
    return Tokens(
        model=model,
        input_text=text,
        input_audio=audio,
        output_text=_count(usage, "output_tokens"),
    )


def _split(usage: Mapping[str, Any], total: str, details: Mapping[str, Any]) -> tuple[int, int]:
    """Text and audio. What the details leave open counts as audio: a budget must not miss it."""
    text, audio = _count(details, "text_tokens"), _count(details, "audio_tokens")
    open_ = _count(usage, total) - text - audio - _count(details, "image_tokens")
    return text, audio + max(0, open_)


def _cached(read: Mapping[str, Any], text: int, audio: int) -> tuple[int, int]:
    """How much of text and audio was cached; never more of either than was read."""
    details = read.get("cached_tokens_details")
    if isinstance(details, Mapping):
        found = _count(details, "text_tokens"), _count(details, "audio_tokens")
        return min(text, found[0]), min(audio, found[1])
    # Instructions and tools come first and are the first to be cached.
    cached_text = min(text, _count(read, "cached_tokens"))
    return cached_text, min(audio, _count(read, "cached_tokens") - cached_text)


def _table(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}


def _count(holder: Mapping[str, Any], name: str) -> int:
    found = holder.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def _milliseconds(seconds: Any) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0
    return round(seconds * 1000) if 0 < seconds < float("inf") else 0
