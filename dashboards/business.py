"""The board for whoever answers for the service: what became of calls, and what they cost."""

from dashboards.panel import Board, Kind, Panel, Query, Row, Step, Variable
from dashboards.promql import in_range, or_none, per_minute, quantile, share
from dashboards.units import Colour, Unit
from dashboards.waits import NO_CALLS
from dashboards.words import (
    CONTAINMENT,
    OUTCOME_COLOURS,
    RESOLUTION,
    WANTED,
    none_of,
    one_of,
    what_outcomes_mean,
)
from records.outcome import CONTAINED, NO_BUSINESS, RESOLVED

PROFILE = 'profile=~"$profile"'
ENDED = "frontdesk_calls_ended_total"
COST = "frontdesk_call_cost_usd_total"


def _ended(where: str, by: str = "") -> str:
    return in_range(ENDED, by, f"{where}, {PROFILE}")


def _wanted(by: str = "") -> str:
    return _ended(none_of("outcome", NO_BUSINESS), by)


def _cost(by: str = "") -> str:
    return in_range(COST, by, PROFILE)


CONTAINED_CALLS, RESOLVED_CALLS = (one_of("outcome", which) for which in (CONTAINED, RESOLVED))
NUMBERS = Row(
    "What became of calls, and what did they cost?",
    (
        Panel(
            "Calls",
            "Calls that ended in this time, whatever their outcome.",
            Kind.STAT,
            Unit.COUNT,
            (Query(in_range(ENDED, where=PROFILE)),),
            NO_CALLS,
            width=4,
            height=5,
            steps=(Step(None, Colour.CALM),),
        ),
        Panel(
            "Containment",
            f"{CONTAINMENT} {WANTED}",
            Kind.STAT,
            Unit.RATIO,
            (Query(share(_ended(CONTAINED_CALLS), _wanted())),),
            NO_CALLS,
            width=4,
            height=5,
            steps=(Step(None, Colour.WARN), Step(0.7, Colour.GOOD)),
        ),
        Panel(
            "Resolved",
            f"{RESOLUTION} {WANTED}",
            Kind.STAT,
            Unit.RATIO,
            (Query(share(_ended(RESOLVED_CALLS), _wanted())),),
            NO_CALLS,
            width=4,
            height=5,
            steps=(Step(None, Colour.BAD), Step(0.8, Colour.WARN), Step(0.9, Colour.GOOD)),
            runbook="CallsFail",
        ),
        Panel(
            "Cost of a call",
            "What calls cost by the price book, by their number, whatever their outcome.",
            Kind.STAT,
            Unit.USD,
            (Query(share(_cost(), in_range(ENDED, where=PROFILE))),),
            NO_CALLS,
            width=4,
            height=5,
            steps=(Step(None, Colour.CALM),),
        ),
        Panel(
            "Cost of a resolved call",
            f"All that was spent, by the number of resolved calls. {RESOLUTION}",
            Kind.STAT,
            Unit.USD,
            (Query(share(_cost(), _ended(RESOLVED_CALLS))),),
            "No call was resolved in this time.",
            width=4,
            height=5,
            steps=(Step(None, Colour.CALM),),
        ),
        Panel(
            "Stopped by a budget",
            "Calls that ended politely, or were refused, because a budget was spent.",
            Kind.STAT,
            Unit.COUNT,
            (Query(or_none(in_range("frontdesk_budget_stops_total"))),),
            NO_CALLS,
            width=4,
            height=5,
            steps=(Step(None, Colour.GOOD), Step(0.5, Colour.WARN)),
            runbook="DayBudgetSpent",
        ),
    ),
)
OUTCOMES = Row(
    "Outcomes",
    (
        Panel(
            "How calls end",
            what_outcomes_mean(),
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute(ENDED, "outcome", PROFILE), "{{outcome}}"),),
            NO_CALLS,
            width=12,
            height=9,
            stacked=True,
            colours=OUTCOME_COLOURS,
            runbook="CallsFail",
        ),
        Panel(
            "All outcomes",
            what_outcomes_mean(),
            Kind.BARS,
            Unit.COUNT,
            (Query(in_range(ENDED, "outcome", PROFILE), "{{outcome}}"),),
            NO_CALLS,
            width=6,
            height=9,
            colours=OUTCOME_COLOURS,
            runbook="CallsFail",
        ),
        Panel(
            "How long calls last",
            "From the line being answered to its end. Many very short ones: callers hang up on the"
            " greeting.",
            Kind.HEATMAP,
            Unit.SECONDS,
            (
                Query(
                    "sum by (le) (increase(frontdesk_call_duration_seconds_bucket"
                    "[$__rate_interval]))",
                    "{{le}}",
                ),
            ),
            NO_CALLS,
            width=6,
            height=9,
        ),
        Panel(
            "By profile",
            f"Each line of business. {CONTAINMENT} {RESOLUTION} {WANTED}",
            Kind.TABLE,
            Unit.COUNT,
            (
                Query(in_range(ENDED, "profile", PROFILE), "calls"),
                Query(
                    share(_ended(CONTAINED_CALLS, "profile"), _wanted("profile")),
                    "containment",
                    Unit.RATIO,
                ),
                Query(
                    share(_ended(RESOLVED_CALLS, "profile"), _wanted("profile")),
                    "resolved",
                    Unit.RATIO,
                ),
                Query(_cost("profile"), "cost", Unit.USD),
                Query(
                    share(_cost("profile"), in_range(ENDED, "profile", PROFILE)),
                    "a call",
                    Unit.USD,
                ),
                Query(
                    share(_cost("profile"), _ended(RESOLVED_CALLS, "profile")),
                    "a resolved call",
                    Unit.USD,
                ),
            ),
            NO_CALLS,
            width=24,
            height=6,
            by="profile",
        ),
    ),
)
MONEY = Row(
    "Cost",
    (
        Panel(
            "What is spent an hour, by kind",
            "By the dated price book: model, telephony, transcription, platform, storage.",
            Kind.SERIES,
            Unit.USD,
            (Query(f"60 * {per_minute(COST, 'kind', PROFILE)}", "{{kind}}"),),
            NO_CALLS,
            stacked=True,
            runbook="DayBudgetSpent",
        ),
        Panel(
            "What it was spent on",
            "The same, summed over the time that is shown.",
            Kind.BARS,
            Unit.USD,
            (Query(_cost("kind"), "{{kind}}"),),
            NO_CALLS,
        ),
        Panel(
            "Tokens of the model",
            "What goes into the model and comes out of it. Cached input is the cheap part: a small"
            " share of it makes calls dear.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_model_tokens_total", "direction, kind"),
                    "{{direction}} {{kind}}",
                ),
            ),
            NO_CALLS,
            stacked=True,
        ),
    ),
)
CONVERSATION = Row(
    "Callers and what is kept of them",
    (
        Panel(
            "Turns in a call",
            "How often callers and the agent speak in a call that has ended.",
            Kind.BARS,
            Unit.COUNT,
            (
                Query(
                    f"({in_range('frontdesk_turns_total', 'speaker')}"
                    f" / scalar({in_range('frontdesk_call_duration_seconds_count')})) >= 0",
                    "{{speaker}}",
                ),
            ),
            NO_CALLS,
            width=6,
        ),
        Panel(
            "Length of calls",
            "The median, and 95 %, from the line being answered to its end.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                Query(quantile(0.5, "frontdesk_call_duration_seconds"), "half", colour=Colour.GOOD),
                Query(
                    quantile(0.95, "frontdesk_call_duration_seconds"), "95 %", colour=Colour.WARN
                ),
            ),
            NO_CALLS,
            width=6,
        ),
        Panel(
            "Consent to recording",
            "What callers answered, by the policy that asked them. Refused: no audio and no words"
            " are kept.",
            Kind.BARS,
            Unit.COUNT,
            (
                Query(
                    in_range("frontdesk_consent_total", "policy, answer"), "{{policy}}: {{answer}}"
                ),
            ),
            NO_CALLS,
            width=6,
        ),
        Panel(
            "Taken out and expired",
            "Personal data that was taken out of text, and what retention deleted. Callers who were"
            " erased on their wish stand in `python -m records audit`.",
            Kind.BARS,
            Unit.COUNT,
            (
                Query(in_range("frontdesk_redactions_total", "kind"), "taken out: {{kind}}"),
                Query(in_range("frontdesk_retention_deleted_total", "class"), "expired: {{class}}"),
                Query(in_range("frontdesk_recordings_total", "result"), "recordings {{result}}"),
            ),
            "Nothing was taken out or expired in this time.",
            width=6,
        ),
    ),
)
BUSINESS = Board(
    "frontdesk-business",
    "frontdesk: business",
    "What became of calls, and what did they cost?",
    (NUMBERS, OUTCOMES, MONEY, CONVERSATION),
    (Variable("profile", "Profile", ENDED, "profile"),),
)
