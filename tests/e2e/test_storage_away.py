"""The storage of recordings is away while somebody calls: the sound waits, and is stored later."""

import asyncio
import hashlib
from pathlib import Path

from records import CallView
from records.view import Recording
from tests.e2e.desk import ASK, HANG_UP, Desk, Plan

BACKLOG = "frontdesk_recording_backlog_bytes"
# The parent looks every 5 s, and waits twice as long after each failure.
STORED_WITHIN_S = 45.0


def moved(folder: Path, name: str) -> Path:
    """The folder under another name."""
    return folder.rename(folder.with_name(name))


def stored(call: CallView) -> Recording | None:
    """Its recording, once the storage has it."""
    found = call.recording
    return found if found and found.stored_at else None


async def test_a_recording_waits_for_its_storage(brief: Desk) -> None:
    """The call goes on, the backlog tells; then the storage has what the job wrote."""
    folder = brief.stack.folder / "recordings"
    away = moved(folder, "recordings-away")
    try:
        made = await brief.made(Plan(steps=[ASK, HANG_UP]))
        waiting = made.call.recording
        await brief.until_more(BACKLOG, 0)
    finally:
        moved(away, folder.name)
    found = await brief.calls.once(made.call.call_id, stored, within_s=STORED_WITHIN_S)

    assert waiting is not None
    assert waiting.stored_at is None
    assert found is not None
    assert not any(gap.reason == "storage" for gap in made.call.gaps)
    sound = await asyncio.to_thread((folder / found.name).read_bytes)
    assert (hashlib.sha256(sound).hexdigest(), len(sound)) == (waiting.sha256, waiting.bytes)
    assert found.sha256 == waiting.sha256
