"""What a rehearsed call leaves for whoever made it: its page, and its record in clear.

Both are made as `python -m records report` and `export` make them, in the folder of the run. By
`records.env` in it the other commands find the same record.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from records.desk import Desk, open_desk
from records.page import file_name_of, page_of
from records.settings import RecordingStorage, Retention
from records.sounds import NoSound
from records.view import CallView
from rehearsal.stack import Stack

CALL_JSON = "call.json"
# The worker works out what a call has cost a moment after its end.
COSTED_WITHIN_S = 5.0
LOOK_AGAIN_S = 0.1


async def keepsake(stack: Stack, call_id: str) -> Path | None:
    """Write page and record of a call into the run's folder: the page; None if there is no call."""
    async with _desk(stack) as desk:
        call = await _costed(desk, call_id)
        if call is None:
            return None
        try:
            sound = await desk.sound(call)
        except NoSound:
            sound = None
        page = stack.folder / file_name_of(call)
        await desk.write(page, page_of(call, sound).encode(), "report", [call_id])
        record = call.model_dump_json(indent=2).encode() + b"\n"
        await desk.write(stack.folder / CALL_JSON, record, "export", [call_id])
    return page


async def sound_of(stack: Stack, call: CallView) -> bytes:
    """The recording of a call as Ogg Opus. Raises NoSound."""
    async with _desk(stack) as desk:
        return await desk.sound(call)


def _desk(stack: Stack) -> AbstractAsyncContextManager[Desk]:
    storage = RecordingStorage(url=str(stack.recordings), waiting=stack.recordings_waiting)
    return open_desk(stack.records, storage, Retention(), who="rehearsal")


async def _costed(desk: Desk, call_id: str) -> CallView | None:
    call = await desk.record.reader.call(call_id)
    try:
        async with asyncio.timeout(COSTED_WITHIN_S):
            while call is not None and not call.cost:
                await asyncio.sleep(LOOK_AGAIN_S)
                call = await desk.record.reader.call(call_id)
    except TimeoutError:
        pass
    return call
