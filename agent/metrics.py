"""Every Prometheus series of the worker, once. Lives in the parent; jobs report over the lifeline.

prometheus-client's multiprocess mode is not used: with this worker it loses LiveKit's own series,
and gauges of a killed job never fall. The default registry is used because LiveKit's series live
there and the worker's HTTP server serves it. No label ever holds a call, a number or words.
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# When each series began is another series for each of them, which nobody asks for.
disable_created_metrics()  # type: ignore[no-untyped-call]

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
# Silences below a second are pauses; 3 s is the promise, and what lies far beyond is one bucket.
SILENCE_BUCKETS_S = (1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 20.0)
# 10 ms is a chunk of sound; from 50 ms on a caller can hear that a call was held up.
LAG_BUCKETS_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 3.0)
# The model's server is asked for 1.5 s and twice more.
CONNECT_BUCKETS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 3.0)
CALL_BUCKETS_S = (5.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)

CALLS_STARTED = Counter("frontdesk_calls_started_total", "Calls that a job took up.", ["direction"])
CALLS_RESUMED = Counter(
    "frontdesk_calls_resumed_total", "Calls that went on with another job after theirs had died."
)
CALLS_ENDED = Counter(
    "frontdesk_calls_ended_total", "Calls ended, by outcome.", ["profile", "outcome"]
)
CALL_SECONDS = Histogram(
    "frontdesk_call_duration_seconds",
    "From the line being answered to its end; calls that were never answered are not in it.",
    ["direction"],
    buckets=CALL_BUCKETS_S,
)
CALLS_REFUSED = Counter(
    "frontdesk_calls_refused_total", "Calls this worker did not take.", ["reason"]
)
CALLS_ACTIVE = Gauge("frontdesk_calls_active", "Calls in progress on this worker.")
CALL_CAPACITY = Gauge("frontdesk_call_capacity", "Calls this worker carries at once.")
WORKER_DRAINING = Gauge("frontdesk_worker_draining", "1 while no new call is taken.")
WORKER_REGISTERED = Gauge(
    "frontdesk_worker_registered", "1 while LiveKit knows this worker and may send it calls."
)
WORKER_FULL = Counter(
    "frontdesk_worker_full_transitions_total", "Times this worker became full, so that calls go on."
)
BUILD_INFO = Gauge(
    "frontdesk_build_info",
    "Always 1: the version that runs, and a digest of its settings and profiles without secrets.",
    ["version", "config_hash"],
)
EVENT_LOOP_LAG_SECONDS = Histogram(
    "frontdesk_event_loop_lag_seconds",
    "How late the event loop of a call woke up, the worst of each second.",
    buckets=LAG_BUCKETS_S,
)
ANSWER_SECONDS = Histogram(
    "frontdesk_answer_seconds",
    "From the start of the job to the line being answered.",
    buckets=LATENCY_BUCKETS_S,
)
GREETING_SECONDS = Histogram(
    "frontdesk_greeting_seconds",
    "From the line being answered to the first audible sound of the agent leaving.",
    buckets=LATENCY_BUCKETS_S,
)
TURN_RESPONSE_SECONDS = Histogram(
    "frontdesk_turn_response_seconds",
    "End of the caller's speech to the first audible sound of the model's answer leaving towards"
    " the caller; a fixed sentence in between is no answer.",
    ["tool_used"],
    buckets=LATENCY_BUCKETS_S,
)
TURN_FIRST_SOUND_SECONDS = Histogram(
    "frontdesk_turn_first_sound_seconds",
    "End of the caller's speech to any sound leaving towards them, by what it was: the answer, or a"
    " fixed sentence that bridged the wait for it.",
    ["sound"],
    buckets=LATENCY_BUCKETS_S,
)
TURNS = Counter("frontdesk_turns_total", "Turns with words, by who spoke.", ["speaker"])
REPROMPTS = Counter(
    "frontdesk_reprompts_total",
    "Times a caller was asked again: whether they are there (silence), or for their keys.",
    ["kind"],
)
DEAD_AIR_SECONDS = Histogram(
    "frontdesk_dead_air_seconds",
    "Silences from both sides of a second and more, by what they waited for.",
    ["cause"],
    buckets=SILENCE_BUCKETS_S,
)
DEAD_AIR_EVENTS = Counter(
    "frontdesk_dead_air_events_total",
    "Silences from both sides of 3 s and more, counted while they last, by what they wait for.",
    ["cause"],
)
AUDIO_UNDERRUNS = Counter(
    "frontdesk_audio_underruns_total",
    "Times the agent's voice ran dry in the middle of what it said.",
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
MODEL_CONNECT_SECONDS = Histogram(
    "frontdesk_model_connect_seconds",
    "Opening one connection to the model's server; those that failed are model errors.",
    ["model"],
    buckets=CONNECT_BUCKETS_S,
)
MODEL_RECONNECTS = Counter(
    "frontdesk_model_reconnects_total",
    "Connections to the model's server that were lost in a call and came back.",
    ["model"],
)
MODEL_TOKENS = Counter(
    "frontdesk_model_tokens_total",
    "Tokens of models as their provider counted them; text and audio are what was not cached.",
    ["model", "direction", "kind"],
)
CALL_COST_USD = Counter(
    "frontdesk_call_cost_usd_total", "What calls cost by the price book.", ["profile", "kind"]
)
BUDGET_STOPS = Counter(
    "frontdesk_budget_stops_total", "Calls ended or refused by a budget.", ["scope"]
)
IDENTITY_CHECKS = Counter(
    "frontdesk_identity_checks_total",
    "Proofs of who is calling, by how it was tried and what came of it.",
    ["method", "outcome"],
)
CONSENT = Counter(
    "frontdesk_consent_total",
    "Decisions about keeping a call's sound and words, by what the caller was owed.",
    ["policy", "answer"],
)
RECORDS_PENDING = Gauge(
    "frontdesk_records_pending",
    "Entries of calls that are not yet in the database; of a dead job what it left counts once.",
)
RECORD_ENTRIES_LOST = Counter(
    "frontdesk_record_entries_lost_total", "Entries that could be kept nowhere: mend the disk."
)
OLDEST_UNPERSISTED_SECONDS = Gauge(
    "frontdesk_oldest_unpersisted_seconds", "Age of the oldest of the pending entries."
)
RECORDS_CLOSED_LOST = Counter(
    "frontdesk_records_closed_lost_total", "Records of dead jobs that this worker closed."
)
RECORDING_BACKLOG_BYTES = Gauge(
    "frontdesk_recording_backlog_bytes", "Sound on this machine that its storage does not have yet."
)
RECORDINGS = Counter(
    "frontdesk_recordings_total", "Recordings, by what became of them.", ["result"]
)
REDACTIONS = Counter(
    "frontdesk_redactions_total", "Values taken out of words before they were kept.", ["kind"]
)
RETENTION_DELETED = Counter(
    "frontdesk_retention_deleted_total", "What was deleted because its time was over.", ["class"]
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
TOOL_DUPLICATES_SUPPRESSED = Counter(
    "frontdesk_tool_duplicates_suppressed_total",
    "Writes that were wished again and not done a second time.",
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
