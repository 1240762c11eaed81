"""What a session leaves behind for the record: tokens and the recording."""

import shutil
from pathlib import Path

import structlog
from livekit.agents import AgentSession

from records import Journal

RECORDING = "recording.ogg"

log = structlog.get_logger(__name__)


def write_tokens(session: AgentSession[None], journal: Journal) -> None:
    """One line for each model that was used."""
    for usage in session.usage.model_usage:
        if usage.type == "llm_usage":
            journal.write(
                "usage",
                model=usage.model,
                input_text=usage.input_text_tokens,
                input_audio=usage.input_audio_tokens,
                input_cached_text=usage.input_cached_tokens,
                output_text=usage.output_text_tokens,
                output_audio=usage.output_audio_tokens,
            )


def keep_recording(session_folder: Path, folder: Path) -> None:
    """Move what was recorded into the call's folder, for its owner's eyes only."""
    try:
        shutil.move(session_folder / "audio.ogg", folder / RECORDING)
        (folder / RECORDING).chmod(0o600)
    except OSError as error:
        log.warning("the recording could not be kept", exc_info=error)
