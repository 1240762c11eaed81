"""What the tools of one call stand on: the office, servers of others, counts, the record, the gate.

Opened by `agent.call` before the session starts, and left after it.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from agent.profile import Profile
from records.opened import Record
from tools import CallFacts, Gate, Office, ToolUse, catalogue
from tools.hours import OpeningHours
from tools.remote.opening import open_servers
from tools.settings import OfficeAccess, SharedAccess
from tools.shared import open_shared


def facts_of(profile: Profile, call_id: str, caller: str | None) -> CallFacts:
    """A call that begins now; `caller` is E.164, None when withheld."""
    return CallFacts(
        call_id=call_id,
        caller_number=caller,
        language=profile.language,
        started_at=datetime.now(UTC),
        timezone=profile.timezone,
        hours=OpeningHours(profile.open_days),
    )


@asynccontextmanager
async def open_gate(
    profile: Profile,
    facts: CallFacts,
    record: Record,
    *,
    tls: ssl.SSLContext,
    on_secret: Callable[[str], None],
    on_use: Callable[[ToolUse], None],
) -> AsyncIterator[Gate]:
    """The gate of a call.

    `on_secret` hears what the office answers in confidence, `on_use` each use of a tool at its end.
    """
    access = OfficeAccess()
    digest = record.seals.records.digest
    async with (
        # Left last: nothing of ours waits for the servers of others.
        open_servers(profile.mcp_servers, profile.pins, tls=tls) as remote,
        Office(
            access.url,
            access.key,
            connect_timeout_s=access.connect_timeout_s,
            tls=tls,
            on_secret=on_secret,
        ) as office,
        open_shared(SharedAccess().url, digest=lambda who: digest("shared", who)) as shared,
    ):
        yield Gate(
            tools={**catalogue(profile.tools), **remote},
            office=office,
            ledger=record.ledger,
            follow_ups=record.follow_ups,
            shared=shared,
            knowledge=profile.known,
            call=facts,
            on_use=on_use,
        )
