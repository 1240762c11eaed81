"""What a model sends as arguments: parsed within limits, and recorded. Pure.

Called by `tools.gate` before anything else looks at them.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

LONGEST_CHARS = 4096
RECORDED_CHARS = 200
MOST_PROBLEMS = 5
PROBLEM_CHARS = 120


class InvalidArguments(Exception):
    """Arguments that do not fit; `problems` name fields and rules, for the model to mend."""

    def __init__(self, code: str, problems: tuple[str, ...] = ()) -> None:
        self.code = code
        self.problems = problems
        super().__init__(code)

    def for_model(self) -> dict[str, Any]:
        """The problems as result fields."""
        return {"problems": list(self.problems)}


def parse_arguments(model: type[BaseModel], arguments: str) -> BaseModel:
    """The raw JSON text as the tool's arguments.

    Raises:
        InvalidArguments: too long, not JSON, or not fitting.
    """
    if len(arguments) > LONGEST_CHARS:
        raise InvalidArguments("too_long", (f"at most {LONGEST_CHARS} characters",))
    try:
        return model.model_validate_json(arguments.encode() or b"{}")
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    except UnicodeEncodeError:
        raise InvalidArguments("not_json", ("broken characters",)) from None
    problems = tuple(_told(item) for item in found[:MOST_PROBLEMS])
    code = "not_json" if found[0]["type"] == "json_invalid" else "does_not_fit"
    # The cause carries what the model sent; it ends here.
    raise InvalidArguments(code, problems) from None


def as_recorded(arguments: str) -> Mapping[str, Any]:
    """Invalid arguments as the call's record keeps them: the beginning of the raw text."""
    return {"raw": arguments[:RECORDED_CHARS].encode(errors="replace").decode()}


def _told(item: Mapping[str, Any]) -> str:
    field = ".".join(map(str, item["loc"]))
    says = item["msg"].removeprefix("Value error, ")
    return (f"{field}: {says}" if field else says)[:PROBLEM_CHARS]
