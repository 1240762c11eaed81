"""What of a span may leave the job: figures, names of ours and words of closed sets; nothing else.

livekit-agents writes callers' words, their number and every attribute of their line into its spans,
some of it under keys that it does not call personal, and so may the next library. So what leaves is
listed here by its key, and each value is looked at as well; what is new stays behind until somebody
lists it. Used by the exporter of `agent.tracing`. Pure.
"""

import re
from collections.abc import Mapping, Set
from typing import TypeAlias

from livekit import rtc
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status
from opentelemetry.util.types import Attributes, AttributeValue

from records.outcome import CallOutcome
from records.redaction import mask
from tools.outcome import UNREGISTERED, Outcome


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNNAMED = "unnamed"
"""The name of a span or a scope that is not listed: it could be made from anything."""

SPANS = frozenset({"call", "answer", "apology", "tool use", "record write"}) | _listed(
    # As livekit-agents 1.8.9 names them, those of a cascade of models included.
    """agent_session agent_speaking agent_turn amd drain_agent_activity eou_detection eou_wait
    event_loop_blocked function_tool job_entrypoint job_shutdown keyterm_detection llm_node
    llm_fallback_adapter llm_request llm_request_run on_enter on_exit on_session_end
    on_user_turn_completed pause_agent_activity publish_audio_output realtime_inference
    realtime_metrics resume_agent_activity room_connect room_disconnect rpc_call rpc_handler
    session_close session_end_upload session_start setup_toolsets shutdown_callback
    start_agent_activity tts_fallback_adapter tts_node tts_request tts_request_run
    tts_stream_adapter update_agent user_speaking user_turn wait_for_audio_track
    wait_for_participant"""
)
"""Every span that keeps its name."""

_SCOPES = frozenset({"livekit-agents", "frontdesk.call", "frontdesk.tools", "frontdesk.records"})
_EVENTS = _listed(
    """try settle exception agent_state_changed user_state_changed connection_state_changed
    participant_disconnected participant_linked entrypoint_cancelled entrypoint_returned first_frame
    generation job_received job_accepted job_assigned process_assigned entrypoint_started
    job_started_on_server preemptive_generation_discarded rearmed stop_response superseded
    track_subscribed user_resumed"""
)

_USAGE = _listed(
    """input_tokens output_tokens text.input_tokens text.output_tokens audio.input_tokens
    audio.output_tokens cache_read.input_tokens text.cache_read.input_tokens
    audio.cache_read.input_tokens"""
)
_FIGURES = frozenset(f"gen_ai.usage.{what}" for what in _USAGE) | _listed(
    """frontdesk.tries frontdesk.duration_s frontdesk.entries frontdesk.resumed
    gen_ai.request.stream gen_ai.response.time_to_first_chunk
    lk.blocking.count lk.blocking.cpu_time lk.blocking.duration lk.blocking.gc_time
    lk.blocking.max_duration lk.blocking.threshold lk.blocking.total_duration lk.close.drain
    lk.e2e_latency lk.end_of_turn_delay lk.eou.endpointing_delay lk.eou.wait_duration
    lk.first_frame_delay lk.function_tool.is_error lk.generation_count lk.interrupted
    lk.job.accept_latency lk.job.assignment_latency lk.job.dispatch_latency
    lk.job.entrypoint_latency lk.job.launch_latency lk.on_user_turn_completed_delay
    lk.playout.position lk.response.ttft lk.retry_count lk.room.auto_subscribe
    lk.room.remote_participant_count lk.shutdown.user_initiated lk.speech.queue_wait
    lk.transcription_delay"""
)
# Seconds, tokens and counts are smaller; what is greater could be somebody's number.
_GREATEST = 10_000_000

_ENDS = frozenset(CallOutcome) | frozenset(Outcome)
_STATES = _listed("initializing idle listening thinking speaking away")
_WORDS: Mapping[str, Set[str]] = {
    "frontdesk.outcome": _ENDS,
    "gen_ai.operation.name": _listed(
        "chat create_agent execute_tool generate_content invoke_agent invoke_workflow"
    ),
    "gen_ai.output.type": frozenset({"speech", "text"}),
    "gen_ai.tool.type": frozenset({"function"}),
    "lk.agent_label": frozenset({"default_agent"}),
    "lk.blocking.severity": frozenset({"warning", "error"}),
    "lk.close_reason": _listed(
        "error job_shutdown participant_disconnected user_initiated task_completed"
    ),
    "lk.interruption.source": frozenset({"audio_activity", "user_turn", "programmatic"}),
    "lk.new_state": _STATES,
    "lk.old_state": _STATES,
    "lk.connection_state": frozenset(rtc.ConnectionState.keys()),
    "lk.disconnect_reason": frozenset(rtc.DisconnectReason.keys()),
    "lk.shutdown.reason": _ENDS | {"no caller", "rescue", "job crashed", "parent process shutdown"},
}

# Codes out of source text, and types of errors.
_CODED = frozenset({"frontdesk.reason", "frontdesk.result", "frontdesk.record"})
_CODE = re.compile(r"(?:[a-z]+(?:_[a-z]+){0,5})?")
_TYPED = frozenset({"error.type", "exception.type"})
_TYPE = re.compile(r"[A-Za-z_][A-Za-z_.]{0,79}|[1-5]\d\d")

# Names out of the company's own files and settings; which ones, the worker knows.
_NAMED = _listed(
    """frontdesk.profile frontdesk.tool gen_ai.agent.name gen_ai.provider.name gen_ai.request.model
    gen_ai.response.model gen_ai.tool.name lk.agent_name lk.function_tool.name"""
)
_NAMES_OF_OURS = frozenset({UNREGISTERED, "default_agent", "end_call"})

# Made by machines: with them a trace is found from LiveKit's side or the model's.
_IDS = _listed(
    """frontdesk.call gen_ai.conversation.id gen_ai.response.id gen_ai.tool.call.id job_id
    lk.dispatch_id lk.function_tool.id lk.generation_id lk.job.worker_id lk.job_id
    lk.parent_generation_id lk.participant_id lk.room_sid lk.sip.callID lk.speech_id lk.track_sid
    room_id"""
)
_ID = re.compile(
    r"(?:AD|AJ|AW|PA|RM|SCL|TR)_[0-9A-Za-z]{8,24}"
    r"|(?:call|item|resp|speech)_[0-9A-Za-z]{8,64}(?:_\d{1,4})?"
    r"|20\d{6}T\d{6}-[0-9a-f]{8}"
)

Kept: TypeAlias = dict[str, AttributeValue]


def spared(span: ReadableSpan, names: Set[str]) -> ReadableSpan:
    """`span` without whatever might be anybody's; `names` are those of this company's files.

    Its times, its place in the trace and its resource, which is ours, stay as they are.
    """
    scope = span.instrumentation_scope
    return ReadableSpan(
        name=span.name if span.name in SPANS else UNNAMED,
        context=_place(span.context),
        parent=_place(span.parent),
        resource=span.resource,
        attributes=_attributes(span.attributes, names),
        events=[
            Event(event.name, _attributes(event.attributes, names), event.timestamp)
            for event in span.events
            if event.name in _EVENTS
        ],
        links=[Link(place) for link in span.links if (place := _place(link.context))],
        kind=span.kind,
        # Its description is an error's message.
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=InstrumentationScope(
            scope.name if scope and scope.name in _SCOPES else UNNAMED
        ),
    )


def _place(context: SpanContext | None) -> SpanContext | None:
    """Where a span stands; what others hung on the trace, its state, is theirs."""
    if context is None:
        return None
    return SpanContext(
        context.trace_id, context.span_id, context.is_remote, trace_flags=context.trace_flags
    )


def _attributes(attributes: Attributes, names: Set[str]) -> Kept:
    return {k: v for k, v in (attributes or {}).items() if _may_leave(k, v, names)}


def _may_leave(key: str, value: AttributeValue, names: Set[str]) -> bool:
    if isinstance(value, bool | int | float):
        return key in _FIGURES and abs(value) < _GREATEST
    # Nothing that is listed is a sequence.
    return isinstance(value, str) and _is_of_its_kind(key, value, names) and mask(value) == value


def _is_of_its_kind(key: str, value: str, names: Set[str]) -> bool:
    if key in _WORDS:
        return value in _WORDS[key]
    if key in _NAMED:
        return value in names or value in _NAMES_OF_OURS
    for keys, form in ((_CODED, _CODE), (_TYPED, _TYPE), (_IDS, _ID)):
        if key in keys:
            return form.fullmatch(value) is not None
    return False
