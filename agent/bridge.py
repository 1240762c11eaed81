"""Offers the gate's tools to the model, and nothing else gets through.

Names and raw arguments go into `tools.gate`, its answer goes back, and what became of each use is
kept; this module decides nothing. The one tool that is not business, hanging up, is offered here
because it acts on the call itself.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import structlog
from livekit.agents import function_tool
from livekit.agents.llm import RawFunctionTool
from livekit.agents.voice.events import FunctionToolsExecutedEvent

from agent.reports import Report, ToolUsed
from records import Journal
from tools import Gate, Outcome, ToolSpec, ToolUse
from tools.outcome import UNREGISTERED

Offered: TypeAlias = RawFunctionTool[Any, Any]

log = structlog.get_logger(__name__)

END_CALL = "end_call"
_END_CALL_SCHEMA = {
    "name": END_CALL,
    "description": (
        "Close the line. Call this only when the caller has said goodbye or needs nothing more, "
        "and say a short goodbye."
    ),
    "parameters": {"type": "object", "properties": {}, "additionalProperties": False},
}


def offer(
    gate: Gate,
    *,
    on_running: Callable[[Sequence[str]], None],
    on_goodbye: Callable[[], None],
) -> list[Offered]:
    """The tools of `gate` and `end_call`, in the form livekit-agents takes.

    `on_running` is told which tools run whenever one starts or ends.
    """
    running: list[str] = []

    @contextmanager
    def counted(name: str) -> Iterator[None]:
        running.append(name)
        on_running(tuple(running))
        try:
            yield
        finally:
            running.remove(name)
            on_running(tuple(running))

    def bound(spec: ToolSpec) -> Offered:
        async def use(raw_arguments: dict[str, object]) -> str:
            with counted(spec.name):
                answer = await gate.use(spec.name, json.dumps(raw_arguments))
            return answer.text

        schema = {
            "name": spec.name,
            "description": spec.description,
            "parameters": spec.parameters,
        }
        return function_tool(use, raw_schema=schema)

    async def end_call(raw_arguments: dict[str, object]) -> str:
        del raw_arguments
        on_goodbye()
        return json.dumps({"outcome": "ok", "say": "Thank you for calling. Goodbye."})

    return [
        *(bound(spec) for spec in gate.offered()),
        function_tool(end_call, raw_schema=_END_CALL_SCHEMA),
    ]


def turned_away(event: FunctionToolsExecutedEvent, gate: Gate) -> Iterator[ToolUse]:
    """The uses that never came to the gate, told as the gate would have told them.

    livekit-agents itself answers a name that was not offered and arguments that are no JSON.
    """
    offered = {END_CALL, *(spec.name for spec in gate.offered())}
    for call, output in event.zipped():
        if call.name not in offered:
            yield _unused(UNREGISTERED, Outcome.REFUSED, UNREGISTERED)
        elif output.is_error and not _is_object(call.arguments):
            yield _unused(call.name, Outcome.INVALID_ARGUMENTS, "not_json")


def _is_object(arguments: str) -> bool:
    """Whether the gate got them: then it tells of the use itself, a cancelled one too."""
    try:
        return isinstance(json.loads(arguments), dict)
    except ValueError:
        return False


def keep_use(
    use: ToolUse,
    journal: Journal,
    tell: Callable[[Report], None],
    kept: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
) -> None:
    """Write one use into the call's record, tell the parent, and log what is not personal.

    `kept` says what may stay there of what the tool was given.
    """
    arguments = kept(use.arguments)
    journal.write(
        "tool",
        tool=use.tool,
        outcome=use.outcome.value,
        reason=use.reason,
        duration_ms=round(use.duration_s * 1000),
        tries=use.tries,
        key=use.key,
        arguments=arguments,
        withheld=arguments != dict(use.arguments),
    )
    tell(
        ToolUsed(
            tool=use.tool,
            outcome=use.outcome.value,
            reason=use.reason,
            tries=use.tries,
            retries=use.retries,
            escalated=use.escalated,
            seconds=use.duration_s,
        )
    )
    log.info("tool used", tool=use.tool, outcome=use.outcome.value, reason=use.reason)


def _unused(tool: str, outcome: Outcome, reason: str) -> ToolUse:
    return ToolUse(
        tool=tool,
        outcome=outcome,
        reason=reason,
        started_at=datetime.now(UTC),
        duration_s=0.0,
        tries=0,
        key="",
        arguments={},
    )
