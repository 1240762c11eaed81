"""Documents for tests, and what is made of them."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.catalogue import Tool
from tools.importing import Area, Operation, Spec, Unsupported, operations, written

HERE = Path(__file__).parent
CRM = HERE / "crm.yaml"
ANSWER = {"type": "object", "properties": {"color": {"type": "string"}}}


def spec_of(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> Spec:
    """A document of these paths."""
    about = {"title": "Test", "version": "1"}
    return Spec({"info": about, "paths": paths, "components": {"schemas": schemas or {}}})


def get(answer: Any = None, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A read with this schema of an answer."""
    content = {"application/json": {"schema": answer or ANSWER}}
    done = {"200": {"description": "", "content": content}}
    return {"operationId": "look_at", "parameters": list(parameters), "responses": done, **more}


def send(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    """A write of these properties, answered without a body."""
    schema = {"type": "object", "properties": properties, "required": list(required)}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    about = {"operationId": "send_it", "summary": "Send it", "requestBody": body}
    return {**about, "responses": {"204": {"description": ""}}, **more}


def one_of(spec: Spec, *, public: bool = True) -> Operation | Unsupported:
    """What becomes of its only operation."""
    names = frozenset(name for name, _ in operations(spec))
    found = [one for _, one in operations(spec, public=names if public else frozenset())]
    assert len(found) == 1
    return found[0]


def area_of(spec: Spec, **more: Any) -> Area:
    """The area of all operations that can be tools, whether they are anybody's or not."""
    names = frozenset(name for name, _ in operations(spec))
    every = [one for _, one in operations(spec, public=names)]
    usable = [one for one in every if isinstance(one, Operation)]
    return written(spec, usable, area="test", **more)


def loaded(text: str, name: str = "imported_area") -> dict[str, Tool]:
    """The tools of an area's text, loaded as Python loads it."""
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102  # made by our own writer
    finally:
        del sys.modules[name]
    return {k: v for k, v in vars(module).items() if isinstance(v, Tool)}
