"""The caller's words as the client may get them: late, in pieces, with what they cost.

OpenAI transcribes by another model beside the conversation, so a transcript can come after the
tool call that its turn caused; the delay is settable for that reason. Called by `model.responder`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from rehearsal.model.ears import Utterance
from rehearsal.model.ledger import Turn
from rehearsal.model.protocol import Event, event
from rehearsal.model.usage import heard_tokens, text_tokens

UNINTELLIGIBLE = "[unintelligible]"
Send = Callable[[Event], Awaitable[None]]


async def transcribe(
    utterance: Utterance, item_id: str, send: Send | None, turn: Turn, delay_ms: float
) -> None:
    """Note the words of a turn and, when `send` is given, tell the client `delay_ms` later."""
    await asyncio.wait({utterance.words})
    heard = utterance.words.result()
    turn.heard, turn.decode_ms = heard.text, round(heard.decode_ms, 1)
    turn.score = round(heard.score, 2) if heard.score > float("-inf") else None
    if send is None:
        return
    await asyncio.sleep(delay_ms / 1000)
    at = {"item_id": item_id, "content_index": 0}
    name = "conversation.item.input_audio_transcription"
    text = heard.text or UNINTELLIGIBLE
    words = [word if index == 0 else f" {word}" for index, word in enumerate(text.split())]
    for word in words:
        await send(event(f"{name}.delta", **at, delta=word))
    read, written = heard_tokens(utterance.seconds), text_tokens(text)
    usage = {
        "type": "tokens",
        "input_tokens": read,
        "output_tokens": written,
        "total_tokens": read + written,
        "input_token_details": {"audio_tokens": read, "text_tokens": 0},
    }
    # The score is per 10 ms frame; as a probability of a word it is a rank, not a measure.
    logprob = -0.01 if heard.text else -5.0
    logprobs = [{"token": word, "logprob": logprob, "bytes": list(word.encode())} for word in words]
    await send(event(f"{name}.completed", **at, transcript=text, usage=usage, logprobs=logprobs))
