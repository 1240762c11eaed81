"""Tools by name: a typed function, its policy and the schema that the model sees.

`tool` makes a `Tool` of a function in a business area; `catalogue` finds tools by name. Areas are
the modules of this package: a new one is found by being there.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from tools.call import Call
from tools.confirm import ReadBack
from tools.policy import Policy

NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")
ARGUMENT = re.compile(r"    (\w+): (.+)")


class Result(BaseModel):
    """What a tool gives back; `say` is a sentence fit to be spoken as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    say: str


Run: TypeAlias = Callable[..., Awaitable[Result]]
AskFirst: TypeAlias = Callable[..., Awaitable[ReadBack]]


@dataclass(frozen=True)
class ToolSpec:
    """What the model is told of a tool; `parameters` is a JSON schema without extra properties."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Tool:
    """A tool as the gate uses it. `read_back` is there exactly when the policy needs a yes."""

    spec: ToolSpec
    policy: Policy
    arguments: type[BaseModel]
    run: Run
    read_back: AskFirst | None


class UnknownTool(Exception):
    """A name that no area has; the message lists those that there are."""


def tool(policy: Policy, *, read_back: AskFirst | None = None) -> Callable[[Run], Tool]:
    """Make a tool of an async function `(call, ...) -> Result` with a Google-style docstring.

    `read_back` takes the same arguments and says what will be done before anything is; it may
    read the office and raise `NotAllowed`.

    Raises:
        ValueError: name, docstring, signature or read-back do not fit; told when the area loads.
    """

    def make(run: Run) -> Tool:
        name = run.__name__
        if not NAME.fullmatch(name):
            raise ValueError(f"{name}: a tool's name is 3 to 64 of a-z, 0-9 and _")
        if policy.spoken_yes is not (read_back is not None):
            raise ValueError(f"{name}: a read-back belongs to a policy with spoken_yes, and back")
        description, about = _documentation(run)
        arguments = _arguments_model(run)
        if read_back and set(inspect.signature(read_back).parameters) != {
            *inspect.signature(run).parameters
        }:
            raise ValueError(f"{name}: its read-back must take the same arguments")
        if policy.topic_argument and policy.topic_argument not in arguments.model_fields:
            raise ValueError(f"{name}: topic_argument names no argument")
        if policy.money and policy.money.argument not in arguments.model_fields:
            raise ValueError(f"{name}: the amount of money names no argument")
        if policy.money and arguments.model_fields[policy.money.argument].annotation is not int:
            raise ValueError(f"{name}: the amount of money is a required argument, whole cents")
        parameters = _schema(arguments, about)
        return Tool(ToolSpec(name, description, parameters), policy, arguments, run, read_back)

    return make


def catalogue(names: Iterable[str]) -> Mapping[str, Tool]:
    """The named tools, in the order of `names`.

    Raises:
        UnknownTool: a name is not registered.
    """
    known = _all_tools()
    wanted = list(dict.fromkeys(names))
    if missing := [name for name in wanted if name not in known]:
        raise UnknownTool(
            f"no tool named {', '.join(map(repr, missing))}; there are: {', '.join(sorted(known))}"
        )
    return {name: known[name] for name in wanted}


def homes() -> Mapping[str, str]:
    """Every tool's name, and the module that it stands in."""
    return {name: str(found.run.__module__) for name, found in _all_tools().items()}


def _all_tools() -> dict[str, Tool]:
    package = importlib.import_module("tools")
    found: dict[str, Tool] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("_"):
            continue
        for value in vars(importlib.import_module(f"tools.{module.name}")).values():
            if isinstance(value, Tool) and found.setdefault(value.spec.name, value) is not value:
                raise ValueError(f"two tools are named {value.spec.name!r}")
    return found


def _documentation(run: Run) -> tuple[str, dict[str, str]]:
    text, _, args = inspect.cleandoc(run.__doc__ or "").partition("\nArgs:\n")
    about: dict[str, str] = {}
    name = ""
    for line in args.splitlines():
        if found := ARGUMENT.fullmatch(line):
            name = found[1]
            about[name] = found[2]
        elif name and line.strip():
            about[name] += f" {line.strip()}"
    if not text.strip():
        raise ValueError(f"{run.__name__}: the model needs a docstring to know what it is for")
    return text.strip(), about


def _arguments_model(run: Run) -> type[BaseModel]:
    hints = get_type_hints(run, include_extras=True)
    parameters = list(inspect.signature(run).parameters.values())
    if not parameters or hints.get(parameters[0].name) is not Call:
        raise ValueError(f"{run.__name__}: the first parameter of a tool is `call: Call`")
    fields: dict[str, Any] = {
        p.name: (hints[p.name], ... if p.default is p.empty else p.default) for p in parameters[1:]
    }
    return create_model(
        f"{run.__name__}_arguments", __config__=ConfigDict(extra="forbid", frozen=True), **fields
    )


def _schema(arguments: type[BaseModel], about: Mapping[str, str]) -> dict[str, Any]:
    schema = arguments.model_json_schema()
    properties = schema.get("properties", {})
    if set(properties) != set(about):
        raise ValueError(f"{arguments.__name__}: the docstring must describe every argument")
    for name, described in properties.items():
        described.pop("title", None)
        described["description"] = about[name]
    plain = {key: value for key, value in schema.items() if key != "title"}
    return {**plain, "properties": properties, "additionalProperties": False}
