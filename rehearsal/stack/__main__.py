"""`python -m rehearsal.stack`: the process that holds the stack of `make up`."""

import asyncio
import sys

from rehearsal.settings import StackSettings
from rehearsal.stack.detached import hold
from rehearsal.stack.errors import StackError

if __name__ == "__main__":
    try:
        asyncio.run(hold(StackSettings()))
    except StackError as reason:
        print(reason, file=sys.stderr)
        sys.exit(1)
