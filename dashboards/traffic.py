"""Traffic and capacity over time: calls that come, are taken, refused, and how they end."""

from dashboards.panel import Kind, Panel, Query, Row
from dashboards.promql import per_minute
from dashboards.units import Colour, Unit
from dashboards.waits import HERE, NO_CALLS, clocked
from dashboards.words import OUTCOME_COLOURS, what_outcomes_mean

TRAFFIC = Row(
    "Traffic and capacity",
    (
        Panel(
            "Calls in progress",
            "Calls on the workers shown, and how many they carry at once.",
            Kind.SERIES,
            Unit.COUNT,
            (
                Query(f"sum(frontdesk_calls_active{{{HERE}}})", "in progress", colour=Colour.CALM),
                Query(f"sum(frontdesk_call_capacity{{{HERE}}})", "places", colour=Colour.FAINT),
            ),
            "No worker is scraped.",
            runbook="CapacityNearlyUsed",
        ),
        Panel(
            "How calls end",
            what_outcomes_mean(),
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute("frontdesk_calls_ended_total", "outcome", HERE), "{{outcome}}"),),
            NO_CALLS,
            stacked=True,
            colours=OUTCOME_COLOURS,
            runbook="CallsFail",
        ),
        Panel(
            "Calls taken, refused, resumed",
            "Jobs that took a call, calls that a full or draining worker passed on, and calls that"
            " went on after their job had died.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_calls_started_total", where=HERE),
                    "taken",
                    colour=Colour.CALM,
                ),
                Query(
                    per_minute("frontdesk_calls_refused_total", "reason", HERE),
                    "refused: {{reason}}",
                    colour=Colour.WARN,
                ),
                Query(
                    per_minute("frontdesk_calls_resumed_total", where=HERE),
                    "resumed",
                    colour=Colour.BAD,
                ),
                Query(
                    per_minute("frontdesk_worker_full_transitions_total", where=HERE),
                    "became full",
                    colour=Colour.WORST,
                ),
            ),
            NO_CALLS,
            runbook="CapacityNearlyUsed",
        ),
        Panel(
            "Callers without an agent",
            "Counted by the watcher: nobody took the call, the caller gave up at once, or the"
            " agent left them alone on the line.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_calls_unanswered_total", "reason"),
                    "not taken: {{reason}}",
                ),
                Query(
                    per_minute("frontdesk_calls_orphaned_total", "result"),
                    "left alone: {{result}}",
                ),
            ),
            "The watcher is not scraped.",
            colours={
                "not taken: no_agent": Colour.BAD,
                "not taken: gave_up": Colour.FAINT,
                "left alone: closed": Colour.WARN,
                "left alone: left_open": Colour.WORST,
                "left alone: failed": Colour.OTHER,
            },
            runbook="CallersNotTaken",
        ),
        Panel(
            "At the trunk",
            "Invitations that livekit-sip received, and those it refused. Refusals never reach a"
            " worker.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(per_minute("livekit_sip_invite_requests"), "invitations", colour=Colour.CALM),
                Query(
                    per_minute("livekit_sip_invite_error", "reason"),
                    "refused: {{reason}}",
                    colour=Colour.BAD,
                ),
            ),
            "livekit-sip is not scraped: set `prometheus_port` in its configuration.",
            runbook="CallersNotTaken",
        ),
        Panel(
            "Time to answer",
            "From the start of the job to the line being answered. The caller hears ringing"
            " meanwhile.",
            Kind.SERIES,
            Unit.SECONDS,
            clocked("frontdesk_answer_seconds"),
            NO_CALLS,
            runbook="CallersNotTaken",
        ),
    ),
)
