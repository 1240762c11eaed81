"""A job without its call: a process that keeps a call's record until it is killed.

`python -m tests.integration.ledger.holding CALL`, with the settings of the record in its
environment; it says on stdout when the call has begun.
"""

import asyncio
import sys

from records import keep
from records.settings import RecordsAccess


async def hold(call_id: str) -> None:
    """Begin the record of a call, say so, and keep it."""
    keeping = await keep(RecordsAccess(), call_id)
    keeping.journal.write("started", profile="acme")
    keeping.journal.write("answered")
    keeping.journal.write("turn", speaker="caller", text="hello")
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1]))
