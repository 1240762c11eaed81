"""Plausible token counts: what a client's cost accounting needs to be exercised.

The figures are OpenAI's orders of magnitude, not its tokenizer: 10 tokens a second of the
caller's audio, 20 a second of the model's, one for four characters of text. What the model read
before counts as cached, in whole blocks of 64. Called by `model.response`. Pure.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INPUT_AUDIO_PER_S = 10
OUTPUT_AUDIO_PER_S = 20
CHARACTERS_PER_TOKEN = 4
CACHE_BLOCK = 64


@dataclass(frozen=True)
class Tokens:
    """Tokens by kind."""

    text: int = 0
    audio: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.text + other.text, self.audio + other.audio)


def text_tokens(text: str) -> int:
    """Tokens of a text."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def heard_tokens(seconds: float) -> int:
    """Tokens of the caller's audio."""
    return math.ceil(seconds * INPUT_AUDIO_PER_S)


def spoken_tokens(seconds: float) -> int:
    """Tokens of the model's audio."""
    return math.ceil(seconds * OUTPUT_AUDIO_PER_S)


class Account:
    """What one session has read and written so far."""

    def __init__(self) -> None:
        self._audio_by_item: dict[str, int] = {}
        self._read_before = Tokens()

    def note_audio(self, item_id: str, tokens: int) -> None:
        """This item holds so much audio, the caller's or the model's."""
        self._audio_by_item[item_id] = tokens

    def usage(
        self, session: Mapping[str, Any], items: Sequence[Mapping[str, Any]], output: Tokens
    ) -> dict[str, Any]:
        """The `usage` of a response that read `items` and wrote `output`."""
        tools = session.get("tools")
        read = Tokens(
            text_tokens(str(session.get("instructions") or ""))
            + (text_tokens(json.dumps(tools)) if tools else 0)
        )
        for item in items:
            audio = self._audio_by_item.get(str(item["id"]), 0)
            read += Tokens(0 if audio else _item_text(item), audio)
        cached_text = min(_blocks(self._read_before.text), read.text)
        cached_audio = min(_blocks(self._read_before.audio), read.audio)
        self._read_before = read
        total_in, total_out = read.text + read.audio, output.text + output.audio
        return {
            "total_tokens": total_in + total_out,
            "input_tokens": total_in,
            "output_tokens": total_out,
            "input_token_details": {
                "text_tokens": read.text,
                "audio_tokens": read.audio,
                "image_tokens": 0,
                "cached_tokens": cached_text + cached_audio,
                "cached_tokens_details": {
                    "text_tokens": cached_text,
                    "audio_tokens": cached_audio,
                    "image_tokens": 0,
                },
            },
            "output_token_details": {"text_tokens": output.text, "audio_tokens": output.audio},
        }


def _blocks(tokens: int) -> int:
    return tokens // CACHE_BLOCK * CACHE_BLOCK


def _item_text(item: Mapping[str, Any]) -> int:
    parts = [str(part.get("text") or "") for part in item.get("content") or []]
    parts += [str(item.get(field) or "") for field in ("name", "arguments", "output")]
    return text_tokens("".join(parts))
