"""Whether calls have cost what they may in a day; asked by `agent.call` before one is served."""

import asyncio
import time
from decimal import Decimal

from agent.budget import Spending, decide_day, micro_of
from records.accounting import Accounting, midnight
from records.ledger import NotKept
from records.opened import Record
from records.prices import PriceBook

# The caller hears ringing; a sum that is not there by then refuses nobody.
DAY_SUM_TIMEOUT_S = 0.5


async def day_is_spent(record: Record, book: PriceBook, limit: Decimal | None) -> bool:
    """Whether one more call is to be refused; no limit refuses nobody."""
    limit_micro = micro_of(limit)
    if limit_micro is None:
        return False
    accounting = Accounting(record.engine, record.seals, book)
    try:
        async with asyncio.timeout(DAY_SUM_TIMEOUT_S):
            spent = await accounting.spent_since(midnight(time.time()))
    except (NotKept, TimeoutError):
        spent = None
    return decide_day(spent, limit_micro) is Spending.REFUSE
