"""Business area: questions about the company, answered from its own file and from nothing else."""

from typing import Annotated

from pydantic import Field

from tools.call import Call
from tools.catalogue import Result, tool
from tools.errors import NotAllowed
from tools.policy import Assurance, Policy

NOT_KNOWN = "I don't know that. Would you like somebody from our team to call you back?"


class QuestionAnswered(Result):
    """What the file says; `version` is the file's."""

    version: str


@tool(Policy(assurance=Assurance.NONE, times_per_call=20))
async def answer_question(
    call: Call, question: Annotated[str, Field(min_length=3, max_length=200)]
) -> QuestionAnswered:
    """Answer a question about the company: hours, places, delivery, returns, payment, service.

    Never answer such a question by yourself. Tell the caller what "say" contains. If the answer is
    not known, say so.

    Args:
        question: The caller's question in a few words, for example "opening hours on Saturday".
    """
    found = call.knowledge.search(question) if call.knowledge else None
    if call.knowledge is None or found is None:
        raise NotAllowed("not_known", NOT_KNOWN)
    return QuestionAnswered(say=found.answer, version=call.knowledge.version)
