"""What the back office answers in confidence: fields typed `SecretStr`, wherever they stand.

A tool may act on such a value, or have it said to the caller; in transcripts, logs and exports it
is taken out wherever it turns up. `tools.office` tells every one of them to whoever redacts.
"""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr


def confided(answer: object) -> Iterator[str]:
    """Every secret value in an answer."""
    match answer:
        case SecretStr():
            yield answer.get_secret_value()
        case BaseModel():
            for name in type(answer).model_fields:
                yield from confided(getattr(answer, name))
        case Mapping():
            for value in answer.values():
                yield from confided(value)
        case list() | tuple() | set() | frozenset():
            for value in answer:
                yield from confided(value)
