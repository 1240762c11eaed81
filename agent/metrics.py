"""Every Prometheus series of the worker, once. Lives in the parent; jobs report over the lifeline.

prometheus-client's multiprocess mode is not used: with this worker it loses LiveKit's own series,
and gauges of a killed job never fall. The default registry is used because LiveKit's series live
there and the worker's HTTP server serves it. No label ever holds a call, a number or words.
"""

from prometheus_client import Counter, Gauge, Histogram

# Half a bucket is at most 11 % of the value from 0.4 to 1.5 s, where promises are made.
LATENCY_BUCKETS_S = (
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
    1.2,
    1.5,
    2.0,
    2.5,
    3.0,
    4.0,
    6.0,
    10.0,
)

CALLS_STARTED = Counter("frontdesk_calls_started_total", "Calls that a job took up.", ["direction"])
CALLS_RESUMED = Counter(
    "frontdesk_calls_resumed_total", "Calls that went on with another job after theirs had died."
)
CALLS_ENDED = Counter("frontdesk_calls_ended_total", "Calls ended, by outcome.", ["outcome"])
RECORDS_CLOSED_LOST = Counter(
    "frontdesk_records_closed_lost_total",
    "Records of calls whose job had died that this worker closed.",
)
CALLS_REFUSED = Counter(
    "frontdesk_calls_refused_total", "Calls this worker did not take.", ["reason"]
)
CALLS_ACTIVE = Gauge("frontdesk_calls_active", "Calls in progress on this worker.")
CALL_CAPACITY = Gauge("frontdesk_call_capacity", "Calls this worker carries at once.")
WORKER_DRAINING = Gauge("frontdesk_worker_draining", "1 while no new call is taken.")
ANSWER_SECONDS = Histogram(
    "frontdesk_answer_seconds",
    "From the start of the job to the line being answered.",
    buckets=LATENCY_BUCKETS_S,
)
GREETING_SECONDS = Histogram(
    "frontdesk_greeting_seconds",
    "From the line being answered to the first audio of the agent.",
    buckets=LATENCY_BUCKETS_S,
)
TURN_RESPONSE_SECONDS = Histogram(
    "frontdesk_turn_response_seconds",
    "End of the caller's speech to the first audio of the agent leaving towards the caller.",
    ["tool_used"],
    buckets=LATENCY_BUCKETS_S,
)
MODEL_FIRST_AUDIO_SECONDS = Histogram(
    "frontdesk_model_first_audio_seconds",
    "The model taking the turn as ended to its first audio.",
    buckets=LATENCY_BUCKETS_S,
)
INTERRUPTIONS = Counter("frontdesk_interruptions_total", "Times a caller spoke over the agent.")
CLIPS_PLAYED = Counter(
    "frontdesk_clips_played_total", "Fixed clips played to callers, by why.", ["reason"]
)
MODEL_ERRORS = Counter(
    "frontdesk_model_errors_total", "Errors of the model's session, by what follows.", ["effect"]
)
TOOL_USES = Counter("frontdesk_tool_uses_total", "Uses of business tools.", ["tool", "outcome"])
TOOL_DENIED = Counter(
    "frontdesk_tool_denied_total",
    "Uses of business tools that were refused, by the short code of why.",
    ["tool", "reason"],
)
TOOL_REQUESTS = Counter(
    "frontdesk_tool_requests_total",
    "Requests to the back office for uses of business tools, further tries included.",
    ["tool"],
)
TOOL_RETRIES = Counter(
    "frontdesk_tool_retries_total",
    "Requests to the back office that repeated one which had got lost.",
    ["tool"],
)
TOOL_FILLERS = Counter(
    "frontdesk_tool_fillers_total",
    "Times a wait for a business tool was filled by a sentence; two that run at once count both.",
    ["tool"],
)
TOOL_ESCALATIONS = Counter(
    "frontdesk_tool_escalations_total",
    "Times a caller was offered a person because a business tool had let them down.",
    ["tool"],
)
TOOL_BREAKER_OPEN = Gauge(
    "frontdesk_tool_breaker_open",
    "1 while the back office is not asked for a tool, or only by one call on trial; without"
    " FRONTDESK_REDIS_URL there is none, since every call then has breakers of its own.",
    ["tool"],
)
TOOL_WRITES_UNSETTLED = Gauge(
    "frontdesk_tool_writes_unsettled",
    "Writes whose end nobody knows yet, of all workers on one database.",
)
TOOL_WRITES_SETTLED = Counter(
    "frontdesk_tool_writes_settled_total",
    "Writes whose end this worker found out afterwards, by what it was.",
    ["found"],
)
TOOL_SECONDS = Histogram(
    "frontdesk_tool_duration_seconds",
    "Duration of one use of a business tool, retries included.",
    ["tool"],
    buckets=LATENCY_BUCKETS_S,
)
