"""A call that goes on although its job died: what was said before, and the first words after.

Another job takes the line (`agent.rescue`), says that it is there again, and asks. What was said is
in the dead job's journal, if that lies on this machine; what the caller had proven died with the
job, and is proven anew.
"""

import re
from pathlib import Path

from livekit.agents import llm

from records.journal import read_journal

CLIP = "back_again"
OPENING = "Where were we? Please tell me again what I can do for you."
MOST_TURNS = 20
_CALL_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_ROLES: dict[str, llm.ChatRole] = {"caller": "user", "agent": "assistant"}


def said_before(calls_dir: Path, call_id: str) -> llm.ChatContext:
    """The latest turns of the call that died, oldest first; none if nobody here knows them."""
    said = llm.ChatContext.empty()
    if not _CALL_ID.fullmatch(call_id):
        return said
    try:
        turns = [line for line in read_journal(calls_dir / call_id) if line["kind"] == "turn"]
    except OSError:
        return said
    for turn in turns[-MOST_TURNS:]:
        role, text = _ROLES.get(turn.get("speaker", "")), turn.get("text")
        if role and isinstance(text, str) and text:
            said.add_message(role=role, content=text)
    return said
