"""Files that were made out of the record for people: reports, exports, sound to listen to.

Each is in the record before it is written, so that whoever is forgotten is forgotten in it too.
They hold words and numbers in clear, and are for their owner only.
"""

import errno
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from records.audit import audited
from records.call_keys import insert_once
from records.rows import fitting
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
    _may_become_a_file(file)
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


def _may_become_a_file(file: Path) -> None:
    for wrong, at_fault, code in (
        (not file.parent.is_dir(), file.parent, errno.ENOENT),
        (file.is_dir(), file, errno.EISDIR),
    ):
        if wrong:
            raise OSError(code, os.strerror(code), str(at_fault))


def _rows(file: Path, kind: Kind, calls: Sequence[str]) -> list[dict[str, Any]]:
    about = {"machine": here(), "path": str(file.resolve()), "kind": kind, "made_at": time.time()}
    return [{**about, "call_id": call_id} for call_id in calls]


def here() -> str:
    """This machine, as products name it."""
    return str(fitting(products, "machine", socket.gethostname()))
