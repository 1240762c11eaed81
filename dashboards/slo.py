"""What is promised to callers, as data: which share of what, and when it burns too fast.

`dashboards.rules` makes recording and alerting rules of it, `dashboards.operations` shows it. A
budget is what a promise leaves over (99.5 % of calls leave 0.5 %) for 30 days. Three speeds of
burning it are told: 14.4 times (2 % of the month's budget in an hour), 6 times (5 % in six hours)
and as fast as it is given (10 % in three days). Each must hold over a long and over a short window,
so that an alert begins soon and ends soon, and each wants enough traffic: as much as makes three
bad ones at its speed, since one or two at night are no rate.
"""

import math
from dataclasses import dataclass

from dashboards.promql import selector
from dashboards.words import OUR_SILENCE, TOOL_ASKED, TOOL_LET_DOWN, one_of
from records.outcome import LET_DOWN
from rehearsal.rehearse.agreement import PATH_MS

WINDOW = "WINDOW"
"""Stands for a rule's window in `Slo.bad` and `Slo.total`."""
PATH_S = PATH_MS / 1000
"""What the caller waits beyond the worker's clock; docs/metrics.md has its parts."""
HEARD_RESPONSE_S = 1.5
COUNTED_RESPONSE_S = 1.2
"""The bucket that keeps the promise on what is heard: 1.2 s and the path are 1.48 s."""
FIRST_AUDIO_S = 2.0
LEAST_BAD = 3


@dataclass(frozen=True)
class Burn:
    """One speed: `times` the budget, over the `long` and the `short` window."""

    times: float
    long: str
    short: str
    severity: str


BURNS = (
    Burn(14.4, "1h", "5m", "page"),
    Burn(6, "6h", "30m", "page"),
    Burn(1, "3d", "6h", "ticket"),
)
WINDOWS = ("5m", "30m", "1h", "6h", "3d")


@dataclass(frozen=True)
class Slo:
    """One promise. `bad` and `total` count events in WINDOW.

    `counts` names the events, `notices` what a caller notices, `first` what to look at first.
    """

    name: str
    alert: str
    objective: float
    promise: str
    counts: str
    bad: str
    total: str
    notices: str
    first: str

    @property
    def budget(self) -> float:
        """The share that may be bad."""
        return round(1 - self.objective, 6)

    def threshold(self, burn: Burn) -> float:
        """The share of bad ones from which on the budget burns that fast."""
        return round(burn.times * self.budget, 6)

    def least(self, burn: Burn) -> int:
        """The fewest events in the long window that can mean anything."""
        return math.ceil(round(LEAST_BAD / self.threshold(burn), 6))


def _count(series: str, where: str = "") -> str:
    return f"sum(increase({series}{selector(where)}[{WINDOW}]))"


def _slower_than(series: str, limit_s: float) -> str:
    within = _count(f"{series}_bucket", f'le="{limit_s}"')
    return f"{_count(f'{series}_count')} - {within}"


_ENDED = f"({_count('frontdesk_calls_ended_total')} or vector(0))"
# The watcher counts them; a caller whom no worker took has no other trace.
_NOT_TAKEN = (
    '(sum(increase(frontdesk_calls_unanswered_total{reason="no_agent"}[WINDOW])) or vector(0))'
)

SLOS = (
    Slo(
        "calls",
        "CallsFail",
        0.995,
        "99.5 % of calls are taken and neither fail nor get lost",
        "calls",
        bad=f"({_count('frontdesk_calls_ended_total', one_of('outcome', LET_DOWN))} or vector(0))"
        f" + {_NOT_TAKEN}",
        total=f"{_ENDED} + {_NOT_TAKEN}",
        notices="Callers hear ringing that nobody answers, or an apology and the end of the call.",
        first="Look at the outcomes and at the model's errors on the operations board: is it one"
        " worker, the model, or all?",
    ),
    Slo(
        "response",
        "AnswersAreSlow",
        0.95,
        "95 % of turns are answered within 1.5 s on the caller's ear: 1.2 s on the worker's clock,"
        f" which is {PATH_MS} ms of path less",
        "turns",
        bad=_slower_than("frontdesk_turn_response_seconds", COUNTED_RESPONSE_S),
        total=_count("frontdesk_turn_response_seconds_count"),
        notices="Callers wait too long after they have spoken, and begin to talk into the answer.",
        first="Compare turns with and without a tool: slow with tools only is the back office,"
        " both is the model or the machine.",
    ),
    Slo(
        "first_audio",
        "GreetingIsSlow",
        0.99,
        "99 % of calls hear the agent within 2 s of the line being answered, on the worker's clock",
        "calls",
        bad=_slower_than("frontdesk_greeting_seconds", FIRST_AUDIO_S),
        total=_count("frontdesk_greeting_seconds_count"),
        notices="The line is answered and nobody speaks; many hang up within three seconds.",
        first="Look at the time to connect to the model and at the event loop's lag.",
    ),
    Slo(
        "dead_air",
        "DeadAir",
        0.995,
        "at most one silence of 3 s that waits for us in 200 calls",
        "calls",
        bad=f"({_count('frontdesk_dead_air_events_total', OUR_SILENCE)} or vector(0))",
        total=_count("frontdesk_calls_ended_total"),
        notices="Callers hear nothing for more than 3 s and ask whether anybody is there.",
        first="Look at the causes of dead air: each names the part that was waited for.",
    ),
    Slo(
        "tools",
        "ToolsFail",
        0.99,
        "99 % of the uses that ask the back office are answered by it",
        "uses",
        bad=f"({_count('frontdesk_tool_uses_total', one_of('outcome', TOOL_LET_DOWN))}"
        " or vector(0))",
        total=_count("frontdesk_tool_uses_total", one_of("outcome", TOOL_ASKED)),
        notices="Callers are told that it does not work just now, and are offered a call back.",
        first="Look at the failing tools on the tools board: one tool is one endpoint, all are the"
        " back office.",
    ),
)


def over(expr: str, window: str) -> str:
    """`Slo.bad` or `Slo.total` over one window."""
    return expr.replace(WINDOW, window)
