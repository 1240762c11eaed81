"""What a call leaves in logs: nothing of what its caller said, pressed or calls from.

livekit-server and livekit-sip are not ours: at level info they log caller and dialled number (in
room and participant names, From and To), never digits pressed (only at debug) nor words. A
deployment that may not keep numbers keeps their logs apart.
"""

import re
from pathlib import Path

import pytest_asyncio

from tests.e2e.desk import CALLER, ORDER_PLEASE, SHIPPED, Desk, Made, Plan

OURS = ("worker", "watch", "office", "model", "trunks")
KEYS = "94107"
SECRETS = {
    "the caller's number": CALLER.removeprefix("+"),
    "keys": KEYS,
    "the caller's words": "where is my order",
    "the order": "4271",
    "the agent's words": "has shipped",
}


def holds(file: Path, secret: str) -> bool:
    """Whether a file has it, and not only as a part of some longer number or a time."""
    text = file.read_text(encoding="utf-8", errors="replace").lower()
    return re.search(rf"(?<![\d.]){re.escape(secret)}(?!\d)", text) is not None


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(brief: Desk) -> Made:
    """A call with keys, words and a tool."""
    await brief.reset()
    return await brief.made(
        Plan(
            steps=[
                {"dtmf": KEYS, "at_s": 0.2},
                {"say": ORDER_PLEASE, "at_s": 3},
                {"hang_up": True, "after": "other"},
            ]
        )
    )


async def test_no_log_of_ours_tells_of_the_caller(brief: Desk, made: Made) -> None:
    """Words, keys and numbers are in the record and nowhere else."""
    assert SHIPPED in made.said
    assert made.call.caller == CALLER
    files = [brief.stack.log(part) for part in OURS] + [brief.stack.model_log]
    told = {
        (file.name, what)
        for file in files
        for what, secret in SECRETS.items()
        if holds(file, secret)
    }

    assert told == set()


async def test_keys_and_words_are_in_no_log_at_all(brief: Desk, made: Made) -> None:
    """LiveKit's own logs hold numbers, but neither what was pressed nor what was said."""
    assert made.call.dtmf_digits == len(KEYS)
    logs = list(brief.stack.folder.glob("logs/*.log"))
    assert brief.stack.log("livekit-sip") in logs
    for secret in ("where is my order", "has shipped"):
        assert [file.name for file in logs if holds(file, secret)] == []
    assert [file.name for file in logs if holds(file, KEYS)] == []
