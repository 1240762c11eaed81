"""What `session.update` may change, merged and read.

The session is kept as the object that goes over the wire, so that a client gets back what it
set. Called by `model.session`. Pure.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.model.protocol import MODEL_NAME, BadEvent, new_id

SESSION_LIFETIME_S = 3600
# OpenAI bounds semantic VAD at 8, 4 and 2 s; a script has no semantics to end a turn by, so
# eagerness is a length of silence here.
SEMANTIC_SILENCE_MS = {"low": 1000, "medium": 500, "auto": 500, "high": 300}
_READ_ONLY = ("id", "object", "model", "expires_at")
_VAD_DEFAULTS: dict[str, dict[str, Any]] = {
    "server_vad": {
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {"eagerness": "auto", "create_response": True, "interrupt_response": True},
}


@dataclass(frozen=True)
class TurnDetection:
    """How the server is to end turns. Times in milliseconds."""

    threshold: float
    prefix_ms: int
    silence_ms: int
    create_response: bool
    interrupt_response: bool


class SessionConfig:
    """The session object of one connection."""

    def __init__(self) -> None:
        pcm = {"type": "audio/pcm", "rate": 24_000}
        self.wire: dict[str, Any] = {
            "type": "realtime",
            "object": "realtime.session",
            "id": new_id("sess"),
            "model": MODEL_NAME,
            "expires_at": int(time.time()) + SESSION_LIFETIME_S,
            "output_modalities": ["audio"],
            "instructions": "",
            "tools": [],
            "tool_choice": "auto",
            "max_output_tokens": "inf",
            "tracing": None,
            "truncation": "auto",
            "prompt": None,
            "include": None,
            "audio": {
                "input": {
                    "format": dict(pcm),
                    "transcription": None,
                    "noise_reduction": None,
                    "turn_detection": {"type": "server_vad", **_VAD_DEFAULTS["server_vad"]},
                },
                "output": {"format": dict(pcm), "voice": "marin", "speed": 1.0},
            },
        }

    def update(self, changes: Mapping[str, Any]) -> None:
        """Merge what a client sets; all of it or nothing.

        Raises:
            BadEvent: a value cannot be honoured, such as another audio format.
        """
        merged = _merged(self.wire, {k: v for k, v in changes.items() if k not in _READ_ONLY})
        for side in ("input", "output"):
            _check_format(merged["audio"][side].get("format"), side)
        merged["audio"]["input"]["turn_detection"] = _completed(
            merged["audio"]["input"].get("turn_detection")
        )
        if not isinstance(merged.get("tools") or [], list):
            raise BadEvent("tools is a list", param="session.tools")
        self.wire = merged

    @property
    def turn_detection(self) -> TurnDetection | None:
        """None when the client ends turns itself."""
        found = self.wire["audio"]["input"]["turn_detection"]
        if found is None:
            return None
        eagerness = found.get("eagerness") or "auto"
        return TurnDetection(
            threshold=float(found.get("threshold", 0.5)),
            prefix_ms=int(found.get("prefix_padding_ms", 300)),
            silence_ms=int(found.get("silence_duration_ms", SEMANTIC_SILENCE_MS[eagerness])),
            create_response=bool(found["create_response"]),
            interrupt_response=bool(found["interrupt_response"]),
        )

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The functions on offer."""
        return list(self.wire.get("tools") or [])

    @property
    def transcribes(self) -> bool:
        """Whether the client asked for transcripts of the caller."""
        return bool(self.wire["audio"]["input"].get("transcription"))

    @property
    def voice(self) -> str:
        """The protocol's voice name."""
        voice = self.wire["audio"]["output"].get("voice") or "marin"
        return str(voice.get("id", "marin")) if isinstance(voice, dict) else str(voice)

    @property
    def speaks(self) -> bool:
        """Whether replies are audio; text otherwise."""
        return "audio" in (self.wire.get("output_modalities") or ["audio"])


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(old)
    for key, value in new.items():
        before = result.get(key)
        result[key] = value
        deep = key in ("audio", "input", "output")
        if deep and isinstance(before, Mapping) and isinstance(value, Mapping):
            result[key] = _merged(before, value)
    return result


def _check_format(wire_format: Any, side: str) -> None:
    kind = wire_format.get("type") if isinstance(wire_format, Mapping) else wire_format
    rate = wire_format.get("rate", 24_000) if isinstance(wire_format, Mapping) else 24_000
    if wire_format is not None and (kind not in ("audio/pcm", "pcm16") or rate != 24_000):
        raise BadEvent(
            "this scripted model knows audio/pcm at 24000 Hz only",
            param=f"session.audio.{side}.format",
        )


def _completed(turn_detection: Any) -> dict[str, Any] | None:
    if turn_detection is None:
        return None
    param = "session.audio.input.turn_detection"
    kind = turn_detection.get("type") if isinstance(turn_detection, Mapping) else None
    if kind not in _VAD_DEFAULTS:
        raise BadEvent("type is server_vad or semantic_vad", param=f"{param}.type")
    given = {key: value for key, value in turn_detection.items() if value is not None}
    whole = {**_VAD_DEFAULTS[kind], **given}
    if whole.get("idle_timeout_ms") is not None:
        raise BadEvent("this scripted model has no idle timeout", param=f"{param}.idle_timeout_ms")
    if whole.get("eagerness", "auto") not in SEMANTIC_SILENCE_MS:
        raise BadEvent("eagerness is low, medium, high or auto", param=f"{param}.eagerness")
    for field, least, most in (
        ("threshold", 0, 1),
        ("silence_duration_ms", 20, 10_000),
        ("prefix_padding_ms", 0, 5_000),
    ):
        value = whole.get(field, least)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadEvent(f"{field} is a number", param=f"{param}.{field}")
        if not least <= value <= most:
            raise BadEvent(f"{field} is {least} to {most}", param=f"{param}.{field}")
    return whole
