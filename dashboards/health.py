"""The parts behind a call, over time: model, back office, records and the machine."""

from dashboards.alarms import LAG_S
from dashboards.panel import Kind, Panel, Query, Row
from dashboards.promql import per_minute, quantile
from dashboards.units import Colour, Unit
from dashboards.waits import HERE, NEVER, NO_CALLS, clocked
from dashboards.words import TOOL_LET_DOWN, one_of

MODEL = Row(
    "Model and back office",
    (
        Panel(
            "The model begins to speak",
            "From the model taking the turn as ended to its first audio. The rest of the caller's"
            " wait is ours.",
            Kind.SERIES,
            Unit.SECONDS,
            clocked("frontdesk_model_first_audio_seconds"),
            NO_CALLS,
            runbook="AnswersAreSlow",
        ),
        Panel(
            "Connecting to the model",
            "95 % of sessions are open sooner than this, by model. It is part of the wait for the"
            " first words.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                Query(
                    quantile(0.95, "frontdesk_model_connect_seconds", by="model", where=HERE),
                    "{{model}}",
                ),
            ),
            NO_CALLS,
            runbook="GreetingIsSlow",
        ),
        Panel(
            "The model's errors",
            "By what follows: `recoverable` goes on, `failed_response` is asked again, `fatal`"
            " opens another session. Reconnects beside them.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(per_minute("frontdesk_model_errors_total", "effect", HERE), "{{effect}}"),
                Query(
                    per_minute("frontdesk_model_reconnects_total", "model", HERE),
                    "reconnect: {{model}}",
                    colour=Colour.CALM,
                ),
            ),
            NEVER,
            stacked=True,
            colours={
                "recoverable": Colour.FAINT,
                "failed_response": Colour.WARN,
                "fatal": Colour.BAD,
            },
            runbook="CallsFail",
        ),
        Panel(
            "Tools that fail",
            "Uses in which the back office let the caller down, by tool.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute(
                        "frontdesk_tool_uses_total",
                        "tool",
                        f"{one_of('outcome', TOOL_LET_DOWN)}, {HERE}",
                    ),
                    "{{tool}}",
                ),
            ),
            NEVER,
            stacked=True,
            runbook="ToolsFail",
        ),
        Panel(
            "Tools that are spared",
            "1 while the back office is not asked for a tool because it has failed too often.",
            Kind.SERIES,
            Unit.COUNT,
            (Query("max by (tool) (frontdesk_tool_breaker_open)", "{{tool}}"),),
            "Needs FRONTDESK_REDIS_URL: without it each call has breakers of its own.",
            top=1,
            runbook="ToolSpared",
        ),
        Panel(
            "Writes without an end",
            "Changes that were asked of the back office and whose end nobody knows yet, of all"
            " workers.",
            Kind.SERIES,
            Unit.COUNT,
            (Query("max(frontdesk_tool_writes_unsettled)", "unsettled", colour=Colour.WARN),),
            "No worker is scraped.",
            runbook="WritesUnsettled",
        ),
    ),
)
KEPT = Row(
    "Records",
    (
        Panel(
            "Entries that wait for the database",
            "Entries of call records that are on the worker's disk and not in the database yet.",
            Kind.SERIES,
            Unit.COUNT,
            (Query(f"sum by (instance) (frontdesk_records_pending{{{HERE}}})", "{{instance}}"),),
            "No worker is scraped.",
            width=6,
            runbook="RecordsFallBehind",
        ),
        Panel(
            "The oldest of them",
            "How long it has waited. From 60 s on somebody is woken.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                Query(
                    f"max by (instance) (frontdesk_oldest_unpersisted_seconds{{{HERE}}})",
                    "{{instance}}",
                ),
            ),
            "No worker is scraped.",
            width=6,
            line=60,
            runbook="RecordsFallBehind",
        ),
        Panel(
            "Lost",
            "Entries that could not be kept, and records that a parent closed for a dead job."
            " Promised: none.",
            Kind.SERIES,
            Unit.COUNT,
            (
                Query(
                    f"sum(increase(frontdesk_record_entries_lost_total{{{HERE}}}[$__rate_interval]))",
                    "entries",
                    colour=Colour.WORST,
                ),
                Query(
                    f"sum(increase(frontdesk_records_closed_lost_total{{{HERE}}}[$__rate_interval]))",
                    "closed for dead jobs",
                    colour=Colour.WARN,
                ),
            ),
            "No worker is scraped.",
            width=6,
            runbook="RecordEntriesLost",
        ),
        Panel(
            "Recordings on their way",
            "Audio that is on the workers' disks and not in storage yet.",
            Kind.SERIES,
            Unit.BYTES,
            (
                Query(
                    f"sum by (instance) (frontdesk_recording_backlog_bytes{{{HERE}}})",
                    "{{instance}}",
                ),
            ),
            "No worker is scraped.",
            width=6,
            runbook="RecordingBacklogGrows",
        ),
    ),
)
STRAIN = Row(
    "Workers",
    (
        Panel(
            "The event loop is late",
            "99 % of looks find it less late than this. Everything a caller hears waits for it.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                Query(
                    quantile(0.99, "frontdesk_event_loop_lag_seconds", by="instance", where=HERE),
                    "{{instance}}",
                ),
            ),
            "No worker is scraped, or none has a call.",
            width=5,
            line=LAG_S,
            runbook="WorkerIsSlow",
        ),
        Panel(
            "Load that LiveKit sees",
            "By this LiveKit chooses a worker; at 1 it gives it no call.",
            Kind.SERIES,
            Unit.RATIO,
            (Query(f"max by (instance) (lk_agents_worker_load{{{HERE}}})", "{{instance}}"),),
            "No worker is scraped.",
            width=5,
            top=1,
            runbook="CapacityNearlyUsed",
        ),
        Panel(
            "Processes",
            "Processes of the worker: one for each call, and those that wait for one.",
            Kind.SERIES,
            Unit.COUNT,
            (
                Query(
                    f"sum by (instance) (lk_agents_child_process_count{{{HERE}}})", "{{instance}}"
                ),
            ),
            "No worker is scraped.",
            width=5,
            runbook="WorkerIsSlow",
        ),
        Panel(
            "Versions",
            "What each worker runs: its version and a hash of its settings, whether it is"
            " draining, its places.",
            Kind.TABLE,
            Unit.COUNT,
            (
                Query(
                    f"max by (instance, version, config_hash) (frontdesk_build_info{{{HERE}}})",
                    "running",
                ),
                Query(f"max by (instance) (frontdesk_worker_draining{{{HERE}}})", "draining"),
                Query(f"max by (instance) (frontdesk_call_capacity{{{HERE}}})", "places"),
            ),
            "No worker is scraped.",
            width=9,
            by="instance",
            runbook="WorkersDiffer",
        ),
    ),
)
