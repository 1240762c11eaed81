"""What a tool may know of the call it runs in, and what it may do there.

`CallFacts` comes from whoever answers the phone. `Call` is made by the gate for one use and handed
to the tool's function; it carries no way to choose whom the call is about.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from tools.hours import OpeningHours
from tools.identity import Customer, Identity, Known
from tools.keypad import Secret
from tools.knowledge import Knowledge
from tools.office import Errand


class ToDo(Protocol):
    """What has to be done after the call, as `records.follow_ups` keeps it; may raise `NotKept`."""

    async def open(
        self,
        *,
        call_id: str,
        kind: str,
        words: Mapping[str, Any],
        promised_for: float | None = None,
        tool_use: str | None = None,
    ) -> None:
        """Have something done; once for each `tool_use`."""

    async def has(self, tool_use: str) -> bool:
        """Whether that use has opened one."""


@dataclass(frozen=True)
class CallFacts:
    """A call as the telephone network tells it, and where the company is.

    `caller_number` is E.164, None when withheld; `started_at` is aware of its zone; `timezone` is
    the company's, by its IANA name, and `hours` are when it is open there.
    """

    call_id: str
    caller_number: str | None
    language: str
    started_at: datetime
    timezone: str = "UTC"
    hours: OpeningHours = field(default_factory=OpeningHours)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def now(self) -> datetime:
        """This moment on the company's clock."""
        return self.clock().astimezone(ZoneInfo(self.timezone))

    @property
    def today(self) -> date:
        """The company's day when the call began."""
        return self.started_at.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True)
class Call:
    """One tool use inside one call.

    `identity` is for proofs of who is calling, `caller` whom the use is about, whatever is proven
    meanwhile. `office` counts and limits this use's requests, `key` is the once-key of a write and
    empty for reads, `follow_ups` what has to be done after the call, `knowledge` what the company
    says about itself. `heard` waits for late transcripts, then says whether the caller spoke these
    digits; `keys` asks the caller for digits that nobody else may learn, and raises `NotAllowed`.
    """

    facts: CallFacts
    office: Errand
    identity: Identity
    caller: Known
    key: str
    follow_ups: ToDo
    knowledge: Knowledge | None
    heard: Callable[[str], Awaitable[bool]]
    keys: Callable[[Secret], Awaitable[str]]

    @property
    def customer(self) -> Customer:
        """Whom this call is about. The policy has made sure that somebody is."""
        customer = self.caller.customer
        assert customer is not None, "a tool that asks for the customer needs assurance >= NUMBER"
        return customer
