"""The record as a reconciler has it: its parts, a clock that tests move, and the office."""

import os
import time
from dataclasses import dataclass

from records.follow_ups import FollowUps
from records.kept import KeptLedger
from records.ledger import MARGIN_S
from records.settings import RecordsAccess
from tools import Office
from tools.reconcile import End, reconcile

DEADLINE_S = 8.0
LONG_PAST_S = DEADLINE_S + MARGIN_S + 1.0


@dataclass
class Clock:
    """Seconds since 1970, and what tests have added."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return time.time() + self.ahead_s


@dataclass(frozen=True)
class Books:
    """The record, on a clock that tests move, and the office as a worker reaches it."""

    access: RecordsAccess
    ledger: KeptLedger
    follow_ups: FollowUps
    office: Office
    clock: Clock
    office_key: str

    async def reconciled(self) -> dict[End, int]:
        """What is found out now."""
        return dict(await reconcile(self.ledger, self.follow_ups, self.office, self.clock))

    def environment(self) -> dict[str, str]:
        """What `python -m tools` needs to work on it."""
        return {
            **os.environ,
            "FRONTDESK_RECORDS_URL": self.access.url,
            "FRONTDESK_RECORDS_KEY": self.access.key.get_secret_value(),
            "FRONTDESK_OFFICE_KEY": self.office_key,
        }
