"""What every call needs and its first use would make: made here, before job processes fork.

Named in `agent.worker.PRELOADED`: livekit-agents' forkserver imports this module and every job
inherits what that leaves. In a call the same work would hold up the event loop, and with it the
caller's sound, for about 250 ms before the greeting.
"""

import importlib

from livekit.agents import tokenize
from livekit.agents.utils.http_context import _create_ssl_context
from openai.types import realtime
from pydantic import BaseModel

from records.consent.law import jurisdictions
from records.consent.places import area_codes
from tools import catalogue

LATE = (
    # All of ours that a job runs.
    "agent.call",
    # httpx and its successor import these at their first request: a caller's first tool would wait.
    "httpcore",
    "httpcore2",
    "anyio._backends._asyncio",
    # SQLAlchemy does when a record is opened: each job has one, on either database.
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "aiosqlite",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg",
    # The redactor does at its first long number: 20 ms together.
    "phonenumbers",
    "stdnum.iban",
    "stdnum.luhn",
    # livekit-agents does when a session starts, and when it first speaks.
    "livekit.agents.llm.async_toolset",
    "numpy.fft",
)


def _warm() -> None:
    for name in LATE:
        importlib.import_module(name)
    # Business areas load at the first look into the catalogue.
    catalogue(())
    # openai's types put off their schemas until they are used.
    for kind in vars(realtime).values():
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind.model_rebuild()
    # Whose consent a call needs: some YAML, read once.
    jurisdictions()
    area_codes()
    # The library keeps this one for all its HTTP sessions; it reads every authority's certificate.
    _create_ssl_context()
    # Text is kept in step with the voice by syllables, whose patterns are read at the first word.
    tokenize.basic.hyphenate_word("patterns")


_warm()
