"""Read one YAML file into a pydantic model, or say everything that is wrong with it.

Lines come from the YAML nodes themselves, so a mistake found by a validator deep inside the
model still names the line it was written on. Called through `configs.load`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]


@dataclass(frozen=True)
class Mistake:
    """One thing to mend. `line` counts from 1; `field` is dotted, empty for the whole file."""

    file: Path
    line: int
    field: str
    says: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.field}: {self.says}" if self.field else f"{where}: {self.says}"

    @classmethod
    def at(cls, file: Path, field: str | Location, says: str) -> Self:
        """A mistake that shows only after reading, on the line where `field` is written.

        A name with points in it needs the field in parts.
        """
        root = _compose(file, file.read_text(encoding="utf-8"))
        location = (field,) if isinstance(field, str) else field
        return cls(file, _line(root, location), ".".join(map(str, location)), says)


class ConfigError(Exception):
    """A file that cannot be used as it stands; `mistakes` holds all of them, in file order."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes, key=lambda m: (str(m.file), m.line))
        super().__init__("\n".join(str(m) for m in self.mistakes))


def load(path: Path, model: type[Model]) -> Model:
    """Read `path` (UTF-8 YAML, one document) as a `model`.

    Raises:
        ConfigError: the file is missing, is not YAML, repeats a key or does not fit the model.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Mistake(path, 1, "", f"cannot be read: {error}")]) from error
    root = _compose(path, text)
    if repeated := _repeated_keys(path, root):
        raise ConfigError(repeated)
    content = yaml.safe_load(text)
    try:
        return model.model_validate({} if content is None else content, context={"path": path})
    except ValidationError as error:
        raise ConfigError([_mistake(path, root, problem) for problem in error.errors()]) from error


def _compose(path: Path, text: str) -> yaml.Node | None:
    try:
        yaml.safe_load(text)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a date that no calendar has.
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise ConfigError([Mistake(path, line, "", f"is not YAML: {problem}")]) from error


def _repeated_keys(path: Path, root: yaml.Node | None) -> list[Mistake]:
    found: list[Mistake] = []
    stack = [root] if root else []
    while stack:
        node = stack.pop()
        if isinstance(node, yaml.SequenceNode):
            stack.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if str(key.value) in seen:
                    line = key.start_mark.line + 1
                    found.append(Mistake(path, line, str(key.value), "is written twice; keep one"))
                seen.add(str(key.value))
                stack.append(value)
    return found


def _mistake(path: Path, root: yaml.Node | None, problem: object) -> Mistake:
    assert isinstance(problem, dict)
    location: Location = problem["loc"]
    says = str(problem["msg"]).removeprefix("Value error, ")
    field = ".".join(str(part) for part in location)
    return Mistake(path, _line(root, location), field, says)


def _line(node: yaml.Node | None, location: Location) -> int:
    """The line of the deepest node that `location` leads to; a missing key has its parent's."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        found: tuple[yaml.Node, yaml.Node] | None = None
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            found = (node.value[part], node.value[part]) if part < len(node.value) else None
        # A union's or validator's tag is part of pydantic's location but not of the file.
        if found:
            line, node = found[0].start_mark.line + 1, found[1]
    return line
