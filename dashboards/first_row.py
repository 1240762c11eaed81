"""The first row of the operations board: can people call us, and what do they hear?

It answers at 3 a.m. without scrolling: eight numbers, each green, amber or red. They are of all
workers together, since a promise is one to callers, who do not choose a worker.
"""

from dashboards.panel import Kind, Panel, Query, Row, Step
from dashboards.promql import RANGE, in_range, or_none, quantile, share
from dashboards.slo import HEARD_RESPONSE_S, PATH_S, SLOS, over
from dashboards.units import Colour, Unit
from dashboards.waits import NEVER, NO_CALLS
from dashboards.words import OUR_SILENCE

PROMISED = {
    slo.name: share(
        f"({over(slo.total, RANGE)}) - ({over(slo.bad, RANGE)})", over(slo.total, RANGE)
    )
    for slo in SLOS
}
BUDGETS = {slo.name: slo.budget for slo in SLOS}
RISES = (Step(None, Colour.GOOD), Step(0.5, Colour.BAD))


def _promise(slo: str) -> tuple[Step, ...]:
    """Green where the promise is kept, red from where the budget burns six times too fast."""
    budget = BUDGETS[slo]
    return (
        Step(None, Colour.BAD),
        Step(round(1 - 6 * budget, 4), Colour.WARN),
        Step(round(1 - budget, 4), Colour.GOOD),
    )


NOW = Row(
    "Can people call us, and what do they hear?",
    (
        Panel(
            "Workers",
            "Workers that LiveKit gives calls to. None: callers hear ringing that nobody answers.",
            Kind.STAT,
            Unit.COUNT,
            (Query("sum(frontdesk_worker_registered)"),),
            "No worker is scraped.",
            width=3,
            height=5,
            steps=(Step(None, Colour.BAD), Step(1, Colour.GOOD)),
            runbook="NoWorkerRegistered",
        ),
        Panel(
            "Places taken",
            "Calls in progress, of all that the workers carry at once. Full: callers hear ringing.",
            Kind.STAT,
            Unit.RATIO,
            (Query("sum(frontdesk_calls_active) / sum(frontdesk_call_capacity)"),),
            "No worker is scraped.",
            width=3,
            height=5,
            steps=(Step(None, Colour.GOOD), Step(0.7, Colour.WARN), Step(0.85, Colour.BAD)),
            runbook="CapacityNearlyUsed",
        ),
        Panel(
            "Callers nobody took",
            "Callers who heard ringing until they gave up, counted by the watcher.",
            Kind.STAT,
            Unit.COUNT,
            (Query(in_range("frontdesk_calls_unanswered_total", where='reason="no_agent"')),),
            "The watcher is not scraped, or saw no call.",
            width=3,
            height=5,
            steps=RISES,
            runbook="CallersNotTaken",
        ),
        Panel(
            "Calls that went well",
            "Calls that were taken and neither failed nor got lost. Promised: 99.5 %.",
            Kind.STAT,
            Unit.RATIO,
            (Query(PROMISED["calls"]),),
            NO_CALLS,
            width=3,
            height=5,
            steps=_promise("calls"),
            runbook="CallsFail",
        ),
        Panel(
            "Callers wait for an answer",
            f"95 % of turns are answered sooner than this on the caller's ear, the path of"
            f" {PATH_S:g} s included. Promised: {HEARD_RESPONSE_S:g} s.",
            Kind.STAT,
            Unit.SECONDS,
            (
                Query(
                    f"({quantile(0.95, 'frontdesk_turn_response_seconds', within=RANGE)})"
                    f" + {PATH_S:g}"
                ),
            ),
            "Nobody spoke in this time.",
            width=3,
            height=5,
            steps=(
                Step(None, Colour.GOOD),
                Step(HEARD_RESPONSE_S, Colour.WARN),
                Step(2.5, Colour.BAD),
            ),
            runbook="AnswersAreSlow",
        ),
        Panel(
            "Silences over 3 s",
            "How often a caller heard nothing for 3 s while it was our turn. Promised: one in 200"
            " calls at most.",
            Kind.STAT,
            Unit.COUNT,
            (Query(or_none(in_range("frontdesk_dead_air_events_total", where=OUR_SILENCE))),),
            NEVER,
            width=3,
            height=5,
            steps=(Step(None, Colour.GOOD), Step(0.5, Colour.WARN), Step(5, Colour.BAD)),
            runbook="DeadAir",
        ),
        Panel(
            "The back office answers",
            "Uses of tools that the back office answered, of all that asked it. Promised: 99 %.",
            Kind.STAT,
            Unit.RATIO,
            (Query(PROMISED["tools"]),),
            "No tool asked the back office in this time.",
            width=3,
            height=5,
            steps=_promise("tools"),
            runbook="ToolsFail",
        ),
        Panel(
            "Records wait",
            "How long the oldest entry of a call record has waited for the database. It is safe on"
            " the worker's disk meanwhile.",
            Kind.STAT,
            Unit.SECONDS,
            (Query("max(frontdesk_oldest_unpersisted_seconds)"),),
            "No worker is scraped.",
            width=3,
            height=5,
            steps=(Step(None, Colour.GOOD), Step(10, Colour.WARN), Step(60, Colour.BAD)),
            runbook="RecordsFallBehind",
        ),
    ),
)
