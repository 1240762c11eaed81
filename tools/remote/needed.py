"""What an MCP server needs of the machine that calls it: its program, its key.

Told before anybody is asked, by `python -m agent check` and `python -m tools import mcp`.
"""

import os
import shutil
from collections.abc import Iterator

from tools.remote.declared import Server


def missing(server: Server) -> Iterator[tuple[str, str]]:
    """What is not there: field of the server, and a sentence."""
    if server.command and shutil.which(server.command[0]) is None:
        yield "command", f"there is no program {server.command[0]}; install it or name another"
    if server.key_variable and not os.environ.get(server.key_variable):
        yield "key_variable", f"{server.key_variable} is not in the environment"
