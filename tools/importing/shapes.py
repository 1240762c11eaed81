"""One value that a request holds, and what its schema means: its type, and how narrow. Pure.

Called by `operations` for arguments and by `answers` for what comes back. A form that nobody can
say on the telephone, or that has several meanings, is `Unsupported`.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from tools.importing.schemas import kind_of, settled
from tools.importing.source import Group, Part, pattern, quoted
from tools.importing.spec import Node, Spec, Unsupported

Place: TypeAlias = Literal["path", "query", "body"]

# What a document does not limit is limited here: nobody says more on the telephone.
USUAL_CHARS, MOST_CHARS = 200, 400
MOST_NUMBER = 10**12
MOST_CHOICES, LONGEST_CHOICE = 60, 60
BOUNDED = re.compile(r"\^\[[^\]\\]+\]\{[0-9]+(,[0-9]+)?\}\$")
DIGITS = re.compile(r"\^(\[0-9\]|\\d)([+*]|\{[0-9]+(,[0-9]*)?\})?\$")
DATES = {"date": "dt.date", "date-time": "AwareDatetime", "uuid": "UUID"}
PATTERNS = {"email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$"}


@dataclass(frozen=True)
class Form:
    """The type of a value: what stands for it in the source, and what narrows that."""

    base: Part
    limits: tuple[Part, ...] = ()

    @property
    def part(self) -> Part:
        """The annotation."""
        return Group("Annotated[", (self.base, *self.limits), "]") if self.limits else self.base

    @property
    def is_text(self) -> bool:
        """Whether its values are text as they are."""
        chosen = isinstance(self.base, Group) and all(
            str(part)[0] in "\"'" for part in self.base.parts
        )
        return self.base == "str" or chosen


@dataclass(frozen=True)
class Input:
    """One value that a request holds. Without a form it is the customer's number, as text."""

    wire: str
    name: str
    place: Place
    required: bool
    form: Form | None = None
    about: str = ""
    number: bool = False
    """Whether the customer's number is sent as a number."""


def argument(spec: Spec, node: Any, *, writes: bool, in_path: bool) -> Form:
    """The form of an argument: as narrow as the document says, and narrower where it says nothing.

    Raises:
        Unsupported: no argument can have it.
    """
    found, _ = settled(spec, node)
    if "enum" in found or "const" in found:
        return Form(choices(found))
    match kind_of(found):
        case "string":
            return _text(found, writes=writes, in_path=in_path)
        case "integer":
            return Form("int", (Group("Field(", (*_bounds(found), "strict=True")),))
        case "number":
            return Form("float", (Group("Field(", (*_bounds(found), "allow_inf_nan=False")),))
        case "boolean":
            return Form("bool", ("Field(strict=True)",))
        case kind:
            raise Unsupported(f"{_article(kind)} cannot be an argument")


def choices(found: Node) -> Group:
    """The closed list of values that a schema allows.

    Raises:
        Unsupported: they are too many, too long, or of mixed kinds.
    """
    given = found["enum"] if "enum" in found else [found["const"]]
    values = [one for one in given if one is not None] if isinstance(given, list) else []
    texts = all(isinstance(one, str) and 0 < len(one) <= LONGEST_CHOICE for one in values)
    numbers = all(isinstance(one, int) and _is_number(one) for one in values)
    if not 0 < len(values) <= MOST_CHOICES or not (texts or numbers):
        raise Unsupported("its closed list is no list of words or of numbers; in YAML quote words")
    if found.get("type") == "string" and not texts:
        raise Unsupported("its words are read as numbers; quote them in the YAML")
    kept = tuple(dict.fromkeys(values))
    return Group("Literal[", tuple(quoted(v) if texts else str(v) for v in kept), "]")


def _understands(text: object) -> bool:
    """Whether pydantic's regular expressions, which take linear time, know this one."""
    if not isinstance(text, str) or not 0 < len(text) <= MOST_CHARS:
        return False
    try:
        TypeAdapter(Annotated[str, Field(pattern=text)]).validate_python("", strict=True)
    except (SchemaError, PydanticUserError):
        return False
    except ValueError:
        return True
    return True


def _text(found: Node, *, writes: bool, in_path: bool) -> Form:
    known = str(found.get("format", ""))
    if known == "uuid" and writes:
        raise Unsupported("a UUID cannot be read back to a caller")
    if known in DATES:
        return Form(DATES[known])
    if known == "binary":
        raise Unsupported("a file cannot be an argument")
    least = min(max(1, _whole(found.get("minLength")) or 1), MOST_CHARS)
    most = max(least, min(_whole(found.get("maxLength")) or USUAL_CHARS, MOST_CHARS))
    told = found.get("pattern", PATTERNS.get(known))
    narrowed = _understands(told)
    limits = [f"min_length={least}", f"max_length={most}"]
    if narrowed:
        # One that ends by itself needs no other end.
        limits = [] if BOUNDED.fullmatch(str(told)) else limits
        limits.append(f"pattern={pattern(str(told))}")
    checks = ["sayable"] if writes or in_path else ["one_line"]
    checks += ["one_segment"] if in_path else []
    spoken: tuple[Part, ...] = tuple(f"AfterValidator({check})" for check in checks)
    if narrowed and DIGITS.fullmatch(str(told)):
        spoken = (*spoken, "BeforeValidator(plain_digits)")
    return Form("str", (Group("Field(", tuple(limits)), *spoken))


def _bounds(found: Node) -> list[str]:
    least, most = found.get("minimum"), found.get("maximum")
    above, below = found.get("exclusiveMinimum"), found.get("exclusiveMaximum")
    # 3.0 says with a flag that the bound itself is left out, 3.1 names the bound.
    above, least = (least, None) if above is True else (above, least)
    below, most = (most, None) if below is True else (below, most)
    made = [
        f"{word}={bound!r}"
        for word, bound in (("gt", above), ("ge", least), ("lt", below), ("le", most))
        if _is_number(bound)
    ]
    if kind_of(found) == "integer":
        made = [bound.removesuffix(".0") for bound in made]
    lower = any(bound.startswith("g") for bound in made)
    upper = any(bound.startswith("l") for bound in made)
    made = made if lower else ["ge=0", *made]
    return made if upper else [*made, f"le={MOST_NUMBER}"]


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -MOST_NUMBER <= value <= MOST_NUMBER


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _article(kind: str) -> str:
    return {"array": "a list", "object": "an object"}.get(kind, f"a {kind[:20]!r}")
