"""What the words on dashboards mean, in one place: outcomes, containment, what a tool's use was.

The outcomes themselves and their texts are those of `records.CallOutcome`; nothing here lists
them again. Panels and rules take their label matchers from here.
"""

import ast
import inspect
import textwrap

from dashboards.units import Colour
from records import CallOutcome
from records.outcome import CONTAINED, NO_BUSINESS, RESOLVED
from tools.outcome import FAILED, Outcome

RIGHT_COLOURS = {
    CallOutcome.COMPLETED: Colour.GOOD,
    CallOutcome.TRANSFERRED: Colour.CALM,
    CallOutcome.ABANDONED: Colour.WARN,
    CallOutcome.LIMIT: Colour.OTHER,
    CallOutcome.CALLER_SILENT: Colour.FAINT,
    CallOutcome.NOT_IN_SERVICE: Colour.FAINTER,
    CallOutcome.FAILED: Colour.BAD,
    CallOutcome.LOST: Colour.WORST,
}
OUTCOME_COLOURS = {outcome.value: colour for outcome, colour in RIGHT_COLOURS.items()}
TOOL_LET_DOWN = frozenset({*FAILED, Outcome.BREAKER_OPEN})
"""Uses in which the back office let the caller down; not asking it at all does too."""
TOOL_ASKED = frozenset({Outcome.OK, Outcome.REFUSED, *TOOL_LET_DOWN})
"""Uses that the promise on tools counts. Not those that wait for a yes, ask nothing, or were
wrongly called: these say something about the conversation or the model."""
TOOL_COLOURS = {
    Outcome.OK.value: Colour.GOOD,
    Outcome.REFUSED.value: Colour.CALM,
    Outcome.NEEDS_YES.value: Colour.OTHER,
    **{outcome.value: Colour.BAD for outcome in sorted(TOOL_LET_DOWN)},
    Outcome.UNKNOWN.value: Colour.WORST,
    Outcome.INVALID_ARGUMENTS.value: Colour.WARN,
    Outcome.DUPLICATE.value: Colour.FAINT,
    Outcome.CANCELLED.value: Colour.FAINTER,
}
OWN_SILENCES = ("caller", "keys")
"""Causes of silences that wait for the caller: for their words, or for keys they were asked for."""
OUR_SILENCE = f'cause!~"{"|".join(OWN_SILENCES)}"'
"""A matcher for silences that wait for us; the others are nobody's fault."""
CONTAINMENT = (
    f"Containment: calls that ended {' or '.join(sorted(CONTAINED))}, without a person, out of"
    " those in which somebody wanted something."
)
RESOLUTION = (
    f"Resolved: calls that ended {' or '.join(sorted(RESOLVED))}: the business was done, or a"
    " person took it over."
)
WANTED = f"Not counted: {' and '.join(sorted(NO_BUSINESS))}."


def one_of(label: str, values: frozenset[CallOutcome] | frozenset[Outcome]) -> str:
    """A matcher for any of `values`, always in the same order."""
    return f'{label}=~"{"|".join(sorted(value.value for value in values))}"'


def none_of(label: str, values: frozenset[CallOutcome] | frozenset[Outcome]) -> str:
    """A matcher for all but `values`."""
    return f'{label}!~"{"|".join(sorted(value.value for value in values))}"'


def what_outcomes_mean() -> str:
    """A line for each outcome: its name and what its docstring says."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(CallOutcome))).body
    assert isinstance(body, ast.ClassDef)
    lines = []
    # A member's docstring is the expression that follows it; no running program has it otherwise.
    for member, said in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(said, ast.Expr):
            outcome, text = ast.literal_eval(member.value), ast.literal_eval(said.value)
            lines.append(f"{outcome}: {' '.join(text.split())}")
    return "\n".join(lines)
