"""The board for whoever builds tools: which are used, refused, slow or broken, and why."""

from dashboards.panel import Board, Kind, Panel, Query, Row, Step, Variable
from dashboards.promql import in_range, per_minute, quantile, share
from dashboards.units import Colour, Unit
from dashboards.waits import NEVER
from dashboards.words import TOOL_ASKED, TOOL_COLOURS, TOOL_LET_DOWN, one_of

TOOL = 'tool=~"$tool"'
USES = "frontdesk_tool_uses_total"
NO_USES = "No tool was used in this time."
BAD, ASKED = (f"{one_of('outcome', which)}, {TOOL}" for which in (TOOL_LET_DOWN, TOOL_ASKED))


def _answered(by: str = "") -> str:
    """Share of uses that the back office answered; a tool with no bad one has no bad series."""
    asked = in_range(USES, by, ASKED)
    bad = f"({in_range(USES, by, BAD)} or 0 * {asked})"
    return share(f"{asked} - {bad}", asked)


EACH = Row(
    "Which tools work?",
    (
        Panel(
            "Each tool",
            "Answered: by the back office, a refusal included, of the uses that asked it."
            " Promised: 99 % of all. 95 % of uses are done within the time given, retries"
            " included.",
            Kind.TABLE,
            Unit.COUNT,
            (
                Query(in_range(USES, "tool", TOOL), "uses"),
                Query(_answered("tool"), "answered", Unit.RATIO),
                Query(
                    quantile(
                        0.95,
                        "frontdesk_tool_duration_seconds",
                        by="tool",
                        where=TOOL,
                        within="$__range",
                    ),
                    "95 % within",
                    Unit.SECONDS,
                ),
                Query(in_range("frontdesk_tool_retries_total", "tool", TOOL), "retries"),
                Query(in_range("frontdesk_tool_denied_total", "tool", TOOL), "refused"),
                Query(
                    in_range("frontdesk_tool_escalations_total", "tool", TOOL), "offered a person"
                ),
            ),
            NO_USES,
            width=16,
            height=10,
            by="tool",
            runbook="ToolsFail",
        ),
        Panel(
            "The back office answers",
            "Uses that the back office answered, of all that asked it. Promised: 99 %.",
            Kind.STAT,
            Unit.RATIO,
            (Query(_answered()),),
            NO_USES,
            width=4,
            height=10,
            steps=(Step(None, Colour.BAD), Step(0.94, Colour.WARN), Step(0.99, Colour.GOOD)),
            runbook="ToolsFail",
        ),
        Panel(
            "How uses end",
            "Every use has one outcome. `needs_yes` waits for the caller's yes; `unknown` is a"
            " write that may or may not have happened.",
            Kind.BARS,
            Unit.COUNT,
            (Query(in_range(USES, "outcome", TOOL), "{{outcome}}"),),
            NO_USES,
            width=4,
            height=10,
            colours=TOOL_COLOURS,
            runbook="ToolsFail",
        ),
    ),
)
WAITS = Row(
    "How long do they take?",
    (
        Panel(
            "How long uses take",
            "One use of a tool, retries included. Dark: many uses.",
            Kind.HEATMAP,
            Unit.SECONDS,
            (
                Query(
                    "sum by (le) (increase(frontdesk_tool_duration_seconds_bucket"
                    f"{{{TOOL}}}[$__rate_interval]))",
                    "{{le}}",
                ),
            ),
            NO_USES,
            runbook="AnswersAreSlow",
        ),
        Panel(
            "The slowest tools",
            "95 % of uses are done within this, by tool.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                Query(
                    quantile(0.95, "frontdesk_tool_duration_seconds", by="tool", where=TOOL),
                    "{{tool}}",
                ),
            ),
            NO_USES,
            runbook="AnswersAreSlow",
        ),
        Panel(
            "Waits that were filled",
            "Times the agent said a sentence because a tool took long, by tool.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute("frontdesk_tool_fillers_total", "tool", TOOL), "{{tool}}"),),
            NEVER,
            stacked=True,
        ),
    ),
)
TROUBLE = Row(
    "What goes wrong?",
    (
        Panel(
            "Uses by outcome",
            "All uses over time.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute(USES, "outcome", TOOL), "{{outcome}}"),),
            NO_USES,
            stacked=True,
            colours=TOOL_COLOURS,
            runbook="ToolsFail",
        ),
        Panel(
            "Failing uses, by tool",
            "Timeouts, errors and answers nobody could read; spared tools too.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute(USES, "tool", BAD), "{{tool}}"),),
            NEVER,
            stacked=True,
            runbook="ToolsFail",
        ),
        Panel(
            "Why uses are refused",
            "By the gate's short code. A refusal is the gate at work; many of one kind may be a"
            " prompt or a policy that does not fit.",
            Kind.BARS,
            Unit.COUNT,
            (Query(in_range("frontdesk_tool_denied_total", "reason", TOOL), "{{reason}}"),),
            NEVER,
            colours={},
        ),
        Panel(
            "Requests and retries",
            "Requests to the back office, and those that repeated one which had got lost.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_tool_requests_total", where=TOOL),
                    "requests",
                    colour=Colour.CALM,
                ),
                Query(
                    per_minute("frontdesk_tool_retries_total", where=TOOL),
                    "retries",
                    colour=Colour.WARN,
                ),
            ),
            NO_USES,
            runbook="ToolsFail",
        ),
        Panel(
            "Done once, asked twice",
            "Uses that were not done again because the same wish was done already.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_tool_duplicates_suppressed_total", "tool", TOOL),
                    "{{tool}}",
                ),
            ),
            NEVER,
            stacked=True,
        ),
        Panel(
            "Writes settled afterwards",
            "What was found out about writes whose end the call could not tell. `handed_over` is"
            " in the staff's list.",
            Kind.BARS,
            Unit.COUNT,
            (Query(in_range("frontdesk_tool_writes_settled_total", "found"), "{{found}}"),),
            NEVER,
            colours={
                "done": Colour.GOOD,
                "not_done": Colour.CALM,
                "open": Colour.WARN,
                "handed_over": Colour.OTHER,
            },
            runbook="WritesUnsettled",
        ),
        Panel(
            "Who is calling",
            "Checks of who the caller is, by method and how they ended. Many failures on one"
            " method: it is misheard, or somebody is guessing.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_identity_checks_total", "method, outcome"),
                    "{{method}}: {{outcome}}",
                ),
            ),
            NEVER,
            width=12,
            stacked=True,
        ),
        Panel(
            "Offered a person",
            "Times a caller was offered a person because a tool had let them down.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute("frontdesk_tool_escalations_total", "tool", TOOL), "{{tool}}"),),
            NEVER,
            width=12,
            stacked=True,
            runbook="ToolsFail",
        ),
    ),
)
TOOLS = Board(
    "frontdesk-tools",
    "frontdesk: tools",
    "Which business tools work, how long do they take, and what goes wrong?",
    (EACH, WAITS, TROUBLE),
    (Variable("tool", "Tool", USES, "tool"),),
)
