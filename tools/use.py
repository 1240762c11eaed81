"""One use of a tool under way: what is known of it so far, for `tools.gate` alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opentelemetry.trace import Span

from tools.call import ToDo
from tools.ending import Ended
from tools.identity import Known
from tools.office import Errand
from tools.outcome import UNREGISTERED, ToolUse
from tools.policy import Assurance


@dataclass
class Use:
    """One use; its span is ended by whoever made it."""

    began: float
    started_at: datetime
    span: Span
    tool: str = UNREGISTERED
    writes: bool = False
    key: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    errand: Errand | None = None
    caller: Known = field(default_factory=lambda: Known(None, Assurance.NONE))
    """Whom it is about; whoever the caller turns out to be later is another."""
    promising: bool = False
    """Whether a follow-up of our own is being opened, or was."""
    taken: tuple[str, int] | None = None
    """Whose limits were taken from, and how many cents."""

    @property
    def in_doubt(self) -> bool:
        """Whether something was changed, or may have been."""
        asked = self.errand is not None and (self.errand.unsettled or self.errand.changed)
        return asked or self.promising

    def over(self, ended: Ended, *, now: float) -> ToolUse:
        """The whole of it, for the record; its span hears what is nobody's."""
        use = ToolUse(
            tool=self.tool,
            outcome=ended.outcome,
            reason=ended.reason,
            started_at=self.started_at,
            duration_s=now - self.began,
            tries=self.errand.tries if self.errand else 0,
            retries=self.errand.retries if self.errand else 0,
            key=self.key,
            arguments=self.arguments,
            escalated=ended.escalated,
        )
        told = {"outcome": use.outcome.value, "reason": use.reason, "tries": use.tries}
        self.span.set_attributes({f"frontdesk.{name}": value for name, value in told.items()})
        return use


class Promises:
    """Follow-ups as one use opens them: from then on it is in doubt what became of it."""

    def __init__(self, follow_ups: ToDo, use: Use) -> None:
        self._follow_ups, self._use = follow_ups, use

    async def open(self, **what: Any) -> None:
        """See `ToDo`."""
        self._use.promising = True
        await self._follow_ups.open(**what)

    async def has(self, tool_use: str) -> bool:
        """See `ToDo`."""
        return await self._follow_ups.has(tool_use)
