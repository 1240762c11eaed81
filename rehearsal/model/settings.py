"""Every setting of the scripted model. Environment variables begin with FRONTDESK_MODEL_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

import rehearsal

BRAINS = Path(rehearsal.__file__).parent / "scripts" / "brains"


class ModelSettings(BaseSettings):
    """Read once by `python -m rehearsal.model`; options of the command line win."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_MODEL_", extra="ignore", use_attribute_docstrings=True
    )

    host: str = "127.0.0.1"
    """Address to listen on; the control API has no key, so keep it on loopback."""
    port: int = Field(default=0, ge=0, le=65535)
    """Port to listen on; 0 takes a free one and logs it."""
    brain: Path = BRAINS / "receptionist.yaml"
    """The script to follow."""
    api_key: str = ""
    """Bearer key that clients must send; empty accepts any."""
    log: Path | None = None
    """File for the log, JSON lines; standard output if unset."""
    log_words: bool = False
    """Whether the log may hold what was said, under `pii.` fields."""
    seed: int = 0
    """Seed of the think times."""
    think_ms: float = Field(default=75.0, ge=0)
    """Mean time from the end of a turn to the first output, in milliseconds."""
    think_jitter_ms: float = Field(default=15.0, ge=0)
    """Standard deviation of the think time, in milliseconds; never below zero in sum."""
    transcription_delay_ms: float = Field(default=0.0, ge=0)
    """How long after the words were recognised their transcript is sent, in milliseconds."""
    speech_pace: float = Field(default=8.0, gt=0)
    """How many times faster than real time audio is sent."""
    hearers: int = Field(default=2, ge=1, le=16)
    """Recogniser processes; each holds about 115 MB."""
