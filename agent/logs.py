"""Structured logs: one JSON object a line, the call id in every line of a call, nothing personal.

Events are constant sentences with fields beside them. What callers say and who they are is written
only under keys that begin with `pii.`, and those are dropped unless a setting keeps them. LiveKit
names SIP participants after the caller's number, so numbers are masked in every other text too.
Exceptions are told by type and place: their messages may quote what somebody said.
"""

import logging
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from records.redaction import Secrets, masked

_PERSONAL_KEYS = ("pii.", "lk.pii")
_OWN_FIELDS = frozenset({"timestamp", "level", "logger", "call", "trace_id", "at", "trace"})
_FRAMES_TOLD = 8
_REPEATED_AFTER_S = 1.0
# As livekit-agents 1.8.9 says it.
_INVENTED = "unknown AI function"
# As rtc says it, at error, of each channel when a room is deleted, which is how calls end here.
_HANGING_UP = ("publisher data channel", "closed unexpectedly")

# A process holds one call at most. Context variables would miss the threads of rtc.
_process: dict[str, str] = {}
_secret: list[Secrets] = []


class _Repetitions(logging.Filter):
    """Of an error that livekit repeats, one line a second: a dead socket fails at every chunk."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not (record.exc_info and record.name.startswith("livekit.")):
            return True
        said = str(record.msg)
        repeated = record.created - self._last.get(said, 0.0) < _REPEATED_AFTER_S
        if not repeated:
            self._last[said] = record.created
        return not repeated


def bind_call(call_id: str | None, trace_id: str = "", *, secrets: Secrets | None = None) -> None:
    """Put the id of this process's call, and of its trace if it has one, into every line from now
    on; None takes them out.

    What `secrets` holds is masked in every line besides, as long as the call is bound.
    """
    _process.clear()
    if call_id is not None:
        _process["call"] = call_id
    if trace_id:
        _process["trace_id"] = trace_id
    _secret[:] = [secrets] if secrets is not None else []


def configure_logs(level: str, *, keep_pii: bool, stream: TextIO | None = None) -> None:
    """Send every logger of this process to `stream` (stderr) as JSON lines."""
    shared: list[Processor] = [
        _with_call,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_by_place,
        _without_invented_names,
        _hanging_up_is_no_error,
        _without_personal(keep=keep_pii),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    handler.addFilter(_Repetitions())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # livekit-agents logs every frame of the websocket libraries at debug otherwise.
    for noisy in ("httpx", "httpcore", "httpx2", "httpcore2", "asyncio", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _without_invented_names(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A model can put anything into the name of a tool, also what the caller said."""
    if str(event.get("event", "")).startswith(_INVENTED):
        event["event"] = f"{_INVENTED} (its name is the model's and may hold anything)"
        event.pop("function", None)
    return event


def _hanging_up_is_no_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if all(words in str(event.get("event", "")) for words in _HANGING_UP):
        event["level"] = "info"
    return event


def _without_personal(*, keep: bool) -> Processor:
    def processor(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return event if keep else dict(_masked_items(event.items()))

    return processor


def _masked_items(items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, object]]:
    secrets = _secret[0] if _secret else None
    for key, value in items:
        if key.startswith(_PERSONAL_KEYS):
            continue
        ours = key in _OWN_FIELDS or key.startswith("_")
        yield key, value if ours else masked(value, secrets)


def _with_call(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**_process, **event}


def _exception_by_place(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if error is True:
        error = sys.exc_info()[1]
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, BaseException):
        event["error"] = _kinds(error)
        event["trace"] = _places(error.__traceback__)
        event["pii.message"] = str(error)
    return event


def _kinds(error: BaseException) -> str:
    """The error's type, then those of what it came from."""
    kinds, cause = [type(error).__name__], error.__cause__ or error.__context__
    while cause is not None and len(kinds) < _FRAMES_TOLD:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " from ".join(kinds)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES_TOLD:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
