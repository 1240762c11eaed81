"""A call that goes on although its job died: what was said before, and the first words after.

Another job takes the line (`agent.rescue`), says that it is there again, and asks. What was said is
in the record: in the database, or in the dead job's journal if that still lies on this machine.
What the caller had proven died with the job, and is proven anew.
"""

import re

from livekit.agents import llm

from agent.question import Answer
from records import Keeping
from records.journal import read_journal
from records.ledger import NotKept
from records.sealing import Unreadable

CLIP = "back_again"
OPENING = "Where were we? Please tell me again what I can do for you."
MOST_TURNS = 20
_CALL_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_ROLES: dict[str, llm.ChatRole] = {"caller": "user", "agent": "assistant"}


async def before(keeping: Keeping, call_id: str) -> tuple[llm.ChatContext, Answer | None]:
    """The latest turns of the call that died, oldest first, and what its caller had agreed to.

    Nothing and None if nobody here knows them.
    """
    said = llm.ChatContext.empty()
    if not _CALL_ID.fullmatch(call_id):
        return said, None
    turns, answer = await _left_by(keeping, call_id)
    for speaker, text in turns[-MOST_TURNS:]:
        if speaker in _ROLES and text:
            said.add_message(role=_ROLES[speaker], content=text)
    return said, Answer(answer) if answer in set(Answer) else None


async def _left_by(keeping: Keeping, call_id: str) -> tuple[list[tuple[str, str]], str]:
    try:
        entries = read_journal(keeping.spool / call_id, keeping.record.seals.keyring)
    except (OSError, Unreadable):
        # Filed and gone, or of another machine.
        return await _in_the_record(keeping, call_id)
    turns = [(e.fields["speaker"], e.fields["text"]) for e in entries if e.kind == "turn"]
    answers = [e.fields["answer"] for e in entries if e.kind == "consent"]
    return turns, answers[-1] if answers else ""


async def _in_the_record(keeping: Keeping, call_id: str) -> tuple[list[tuple[str, str]], str]:
    try:
        call = await keeping.record.reader.call(call_id)
    except NotKept:
        call = None
    if call is None:
        return [], ""
    turns = [(str(turn.speaker), turn.text) for turn in call.turns]
    return turns, call.consent.answer if call.consent else ""
