"""Files that were made out of the record for people: reports, exports, sound to listen to.

Each is in the record before it is written, so that whoever is forgotten is forgotten in it too.
They hold words and numbers in clear, and are for their owner only.
"""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.audit import audited
from records.call_keys import insert_once
from records.schema import products
from records.sealing import Seal

Kind = Literal["report", "export", "sound"]


async def write_product(
    engine: AsyncEngine,
    seal: Seal,
    file: Path,
    content: bytes,
    *,
    kind: Kind,
    calls: Sequence[str],
    who: str,
) -> None:
    """Write `file`, which tells of `calls`, in the place of what is there.

    Raises:
        NotKept: the record cannot be written; then there is no file.
        OSError: the file cannot be written.
    """
    rows = _rows(file, kind, calls)

    async def work(connection: AsyncConnection) -> None:
        if rows:
            await connection.execute(insert_once(connection, products), rows)

    what = calls[0] if len(calls) == 1 else f"{len(calls)} calls"
    await audited(engine, seal, work, who=who, did=kind, what=what)
    unfinished = file.with_name(f"{file.name}.part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as written:
        written.write(content)
    unfinished.replace(file)


def _rows(file: Path, kind: Kind, calls: Sequence[str]) -> list[dict[str, Any]]:
    path = str(file.resolve())
    return [{"path": path, "call_id": c, "kind": kind, "made_at": time.time()} for c in calls]
