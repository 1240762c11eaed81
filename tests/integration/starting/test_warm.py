"""What jobs inherit from the forkserver."""

import subprocess
import sys

from agent import worker

LEFT = """
import sys
import agent.warm
from livekit.agents.utils import http_context
from openai.types.realtime import SessionUpdateEvent
assert http_context._ssl_context_for.cache_info().currsize == 1
assert SessionUpdateEvent.__pydantic_complete__
assert {"tools.orders", "agent.call", "numpy.fft", "aiosqlite", "psycopg"} <= sys.modules.keys()
"""


def test_the_forkserver_leaves_nothing_to_a_callers_first_seconds() -> None:
    """Schemas, certificates and late imports are there; an ImportError would be kept from us."""
    subprocess.run([sys.executable, "-c", LEFT], check=True, timeout=60)

    assert worker.PRELOADED == ["agent.warm"]
