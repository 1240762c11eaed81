"""What a model sends as arguments: parsed within limits, recorded, and named as one intent. Pure.

Called by `tools.gate` before anything else looks at them.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Intent:
    """One wish of one call: the same tool with the same arguments about the same customer."""

    call_id: str
    tool: str
    customer_number: str
    arguments: Mapping[str, Any]

    def key(self, fenced_before: int) -> str:
        """The once-key; another one for each earlier key of this intent that was fenced."""
        wish = [self.call_id, self.tool, self.customer_number, self.arguments, fenced_before]
        canonical = json.dumps(wish, sort_keys=True, separators=(",", ":"))
        return f"fd-{hashlib.sha256(canonical.encode()).hexdigest()[:40]}"


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
    problems = tuple(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']}"[:PROBLEM_CHARS]
        for item in found[:MOST_PROBLEMS]
    )
    code = "not_json" if found[0]["type"] == "json_invalid" else "does_not_fit"
    # The cause carries what the model sent; it ends here.
    raise InvalidArguments(code, problems) from None


def as_recorded(arguments: str) -> Mapping[str, Any]:
    """Invalid arguments as the call's record keeps them: the beginning of the raw text."""
    return {"raw": arguments[:RECORDED_CHARS].encode(errors="replace").decode()}
