"""A write happens once per key: first answer kept with the effect, repeats answered from it.

The key's row is written in the transaction of the effect, so there is no moment at which one
exists without the other. A fenced key is refused ever after. Called by every route that writes and
by `operations`.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel

from rehearsal.office.database import Connection, Database, Row, first, utc_now
from rehearsal.office.problems import Problem

KEY_CHARS = 200
# In a request's scope: what is awaited in its transaction, when only the commit is left to do.
BEFORE_COMMIT = "rehearsal.before_commit"

Done: TypeAlias = tuple[int, BaseModel]
Work: TypeAlias = Callable[[Connection], Awaitable[Done]]


def _required_key(
    idempotency_key: Annotated[
        str | None, Header(description="Required. Repeats of a key get the first answer.")
    ] = None,
) -> str:
    if not idempotency_key or len(idempotency_key) > KEY_CHARS:
        raise Problem(
            400, "idempotency_key_missing", f"send Idempotency-Key, 1 to {KEY_CHARS} characters"
        )
    return idempotency_key


Key: TypeAlias = Annotated[str, Depends(_required_key)]


class Writes:
    """The door for writes of one running office; also knows which keys are under way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.under_way: set[str] = set()

    async def once(
        self, request: Request, key: str, body: BaseModel | None, work: Work
    ) -> Response:
        """Run `work` in a transaction unless `key` already has an answer, and give the answer.

        Raises:
            Problem: 409 fenced, or 422 when the key was used for something else.
        """
        fingerprint = _fingerprint(request, body)
        self.under_way.add(key)
        try:
            async with self._database.writing() as tx:
                known = await first(tx, "SELECT * FROM operations WHERE key = ?", key)
                if known is not None:
                    return _repeat(known, fingerprint)
                status, answer = await _attempt(tx, work)
                await tx.execute(
                    "INSERT INTO operations VALUES (?, 'done', ?, ?, ?, ?)",
                    (key, fingerprint, status, answer, utc_now()),
                )
                if BEFORE_COMMIT in request.scope:
                    await request.scope[BEFORE_COMMIT]()
        finally:
            self.under_way.discard(key)
        return Response(answer, status, media_type="application/json")


async def _attempt(tx: Connection, work: Work) -> tuple[int, str]:
    """A refusal is an answer too: what it had changed is undone, the refusal itself is kept."""
    await tx.execute("SAVEPOINT work")
    try:
        status, body = await work(tx)
    except Problem as refusal:
        await tx.execute("ROLLBACK TO work")
        status, body = refusal.status, refusal.body
    await tx.execute("RELEASE work")
    return status, body.model_dump_json()


def _repeat(known: Row, fingerprint: str) -> Response:
    if known["state"] == "fenced":
        raise Problem(409, "fenced", "this key was fenced before it was used")
    if known["fingerprint"] != fingerprint:
        raise Problem(422, "key_reused", "this key belongs to another request")
    return Response(
        known["body"],
        known["status"],
        media_type="application/json",
        headers={"Idempotent-Replayed": "true"},
    )


def _fingerprint(request: Request, body: BaseModel | None) -> str:
    sent = json.dumps(body.model_dump(mode="json") if body else None, sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.url.path} {sent}".encode()).hexdigest()
