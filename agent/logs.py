"""Structured logs: one JSON object a line, the call id in every line of a call, nothing personal.

Events are constant sentences with fields beside them. What callers say and who they are is written
only under keys that begin with `pii.`, and those are dropped unless a setting keeps them. LiveKit
names SIP participants after the caller's number, so numbers are masked in every other text too.
"""

import logging
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# A caller's number in any spelling; ids and times of LiveKit have shorter runs of digits.
_NUMBER = re.compile(r"(?<![\w.])(?:sip_)?\+?\d{7,15}(?![\w.])|sip_\+?\d+")
_PERSONAL_KEYS = ("pii.", "lk.pii")
_OWN_FIELDS = frozenset({"timestamp", "level", "logger", "call"})


def configure_logs(level: str, *, keep_pii: bool, stream: TextIO | None = None) -> None:
    """Send every logger of this process to `stream` (stderr) as JSON lines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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


def _without_personal(*, keep: bool) -> Processor:
    def processor(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return event if keep else dict(_masked_items(event.items()))

    return processor


def _masked_items(items: Iterable[tuple[str, object]]) -> Iterable[tuple[str, object]]:
    for key, value in items:
        if key.startswith(_PERSONAL_KEYS):
            continue
        yield key, value if key in _OWN_FIELDS or key.startswith("_") else _masked(value)


def _masked(value: object) -> object:
    match value:
        case str():
            return _NUMBER.sub("[number]", value)
        case bool() | int() | float() | None:
            return value
        case dict():
            return dict(_masked_items((str(k), v) for k, v in value.items()))
        case list() | tuple() | set():
            return [_masked(item) for item in value]
        case _:
            return _NUMBER.sub("[number]", str(value))
