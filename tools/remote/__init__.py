"""Tools of MCP servers, offered through the same gate as our own, each with its policy.

What a server says of itself reaches the model only as it was pinned beside the profile.
"""

from tools.remote.declared import Server
from tools.remote.needed import missing
from tools.remote.offering import mistakes
from tools.remote.pins import Pins, Unpinned, read_pins

__all__ = ["Pins", "Server", "Unpinned", "missing", "mistakes", "read_pins"]
