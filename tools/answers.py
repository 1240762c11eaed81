"""What an answer of the office means: parsed strictly, or one of the errors. Pure.

Nothing that is not in the expected form gets past here. Called by `tools.office`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.errors import BadAnswer, OfficeDown, OfficeRefused

Model = TypeVar("Model", bound=BaseModel)

# What HTTP calls a client's error, and yet says nothing about what became of the request.
LATER = (408, 425, 429)
# A longer pause than this is no pause within a call.
LONGEST_RETRY_AFTER_S = 60.0


@dataclass(frozen=True)
class Raw:
    """An answer as it came; header names compare without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Lost(Exception):
    """No usable answer to one request; whether it was `sent`, and so may have been carried out."""

    def __init__(
        self,
        code: str,
        *,
        sent: bool = True,
        timed_out: bool = False,
        retry_after_s: float = 0.0,
    ) -> None:
        self.code = code
        self.sent = sent
        self.timed_out = timed_out
        self.retry_after_s = retry_after_s
        super().__init__(code)


class Settled(BaseModel):
    """What the office knows of one key; `status` and `answer` of its first answer if done."""

    key: str
    state: Literal["done", "fenced", "in_progress", "unknown"]
    status: int | None = None
    answer: Any = None


class Nothing(BaseModel):
    """An answer of which only the success matters, with a body or without (204)."""


class Refusal(BaseModel):
    """The office's body for an error."""

    model_config = ConfigDict(extra="ignore")

    code: str


def meaning(raw: Raw, *, gives_code: bool = True) -> Raw:
    """`raw` itself if it is a success.

    `gives_code`: a no has a `Refusal`, and is none without; else its status is enough.

    Raises:
        Lost: the office failed or is too busy; another try may help.
        OfficeDown: it does not accept our key; no try will help.
        OfficeRefused: it said no, by a code or by its status.
        BadAnswer: nothing of the above.
    """
    if 200 <= raw.status < 300:
        return raw
    if raw.status in LATER:
        raise Lost("office_busy", retry_after_s=_retry_after(raw.headers))
    if raw.status >= 500:
        raise Lost("office_failing", retry_after_s=_retry_after(raw.headers))
    if raw.status in (401, 403):
        raise OfficeDown("office_key_refused")
    if raw.status >= 400:
        raise OfficeRefused(raw.status, _code(lambda: parse(raw, Refusal), needed=gives_code))
    raise BadAnswer("unexpected_status")


def parse(raw: Raw, answer: type[Model]) -> Model:
    """The body as an `answer`; strict, so "12" is no number.

    Raises:
        BadAnswer: it is not JSON or does not fit.
    """
    if issubclass(answer, Nothing):
        return answer()
    if not raw.headers.get("content-type", "").startswith("application/json"):
        raise BadAnswer("not_json")
    return _fit(raw.body, answer)


def settled_answer(found: Settled, answer: type[Model], *, gives_code: bool = True) -> Model:
    """The first answer to a write that was found to be done; `gives_code` as above.

    Raises:
        OfficeRefused: that answer was a no.
        BadAnswer: it cannot be read.
    """
    body = json.dumps(found.answer).encode()
    if found.status is None:
        raise BadAnswer("no_status")
    if found.status >= 400:
        code = _code(lambda: _fit(body, Refusal), needed=gives_code)
        raise OfficeRefused(found.status, code)
    if issubclass(answer, Nothing):
        return answer()
    return _fit(body, answer)


def _code(read: Callable[[], Refusal], *, needed: bool) -> str:
    try:
        return read().code
    except BadAnswer:
        if needed:
            raise
        return ""


def _fit(body: bytes, answer: type[Model]) -> Model:
    try:
        return answer.model_validate_json(body, strict=True)
    except ValidationError as error:
        # The cause would carry what the office sent; it ends here.
        code = "not_json" if error.errors()[0]["type"] == "json_invalid" else "wrong_form"
        raise BadAnswer(code) from None


def _retry_after(headers: Mapping[str, str]) -> float:
    sent = headers.get("retry-after", "")
    return min(float(sent), LONGEST_RETRY_AFTER_S) if sent.isascii() and sent.isdigit() else 0.0
