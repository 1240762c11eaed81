"""Settings from the environment, or every mistake in them as a sentence that names the variable.

Values are not repeated: one of them may be a key that was put into the wrong variable.
"""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

Environment = TypeVar("Environment", bound=BaseSettings)

# What pydantic says of a secret that is there and holds nothing.
_PLAINLY = {"too_short": "It is empty", "string_too_short": "It is empty"}


class WrongSettings(Exception):
    """What the environment says cannot be used. `mistakes` are sentences for the operator."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_environment(kind: type[Environment]) -> Environment:
    """Settings of this kind.

    Raises:
        WrongSettings: with every mistake.
    """
    try:
        return kind()
    except ValidationError as error:
        raise WrongSettings(
            [
                _sentence(kind, problem["loc"][0], _PLAINLY.get(problem["type"], problem["msg"]))
                for problem in error.errors(include_input=False)
            ]
        ) from None


def _sentence(kind: type[BaseSettings], field: int | str, says: str) -> str:
    # A field with a name of its own in the environment is told by that name.
    prefix = kind.model_config.get("env_prefix", "") if field in kind.model_fields else ""
    reason = says.removeprefix("Value error, ")
    return f"setting {f'{prefix}{field}'.upper()}: {reason} (see docs/settings.md)"
