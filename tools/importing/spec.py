"""One OpenAPI document, read from a file or an address, and what its references mean.

Nothing is fetched but the document itself: a reference that leaves it is an error. Called by
`commands` and `operations`.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import yaml

Node: TypeAlias = Mapping[str, Any]

MOST_BYTES = 16_000_000
FETCH_S = 20.0
DEEPEST = 200
VERSIONS = ("3.0", "3.1")
IN_BRACES = re.compile(r"\{([^{}/]+)\}")
METHODS = ("get", "post", "put", "patch", "delete")


class SpecError(Exception):
    """The document cannot be used; the message is one sentence that says what to do."""


class Unsupported(Exception):
    """A part of the document that no tool can be made of; the message ends a sentence."""


class Spec:
    """A document whose form was checked; everything in it is foreign text all the same."""

    def __init__(self, document: Node) -> None:
        self._document = document
        info = document.get("info")
        about = info if isinstance(info, Mapping) else {}
        self.title = str(about.get("title") or "an API without a title")
        self.version = str(about.get("version") or "?")

    @property
    def server(self) -> str:
        """The first address that the document names, or ""."""
        match self._document.get("servers"):
            case [{"url": str(url)}, *_]:
                return url
        return ""

    @property
    def paths(self) -> Mapping[str, Node]:
        """Path items by path."""
        found = self._document["paths"]
        return {str(path): item for path, item in found.items() if isinstance(item, Mapping)}

    def wants(self, operation: Node) -> str:
        """What an operation wants to be sent with, other than a bearer key; "" if nothing."""
        given = operation.get("security", self._document.get("security"))
        ways = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
        wanted = [[told for name in way if (told := self._kind_of_key(str(name)))] for way in ways]
        return "" if not all(wanted) else " or ".join(" and ".join(way) for way in wanted)

    def _kind_of_key(self, name: str) -> str:
        try:
            scheme = self.resolved({"$ref": f"#/components/securitySchemes/{name}"})
        except Unsupported:
            return repr(name[:40])
        match scheme.get("type"), str(scheme.get("scheme", "")).lower():
            case "http", "bearer":
                return ""
            case "http", kind:
                return f"HTTP {kind[:20]!r}"
            case "apiKey", _:
                return f"{str(scheme.get('in'))[:10]} {str(scheme.get('name'))[:40]!r}"
        return f"{str(scheme.get('type'))[:20]} {name[:40]!r}"

    def settles(self) -> bool:
        """Whether it can be asked what became of a key, and told to fence one."""
        return any(
            path.startswith("/operations/{") and path.endswith("}") and {"get", "delete"} <= {*item}
            for path, item in self.paths.items()
        )

    def resolved(self, node: Any) -> Node:
        """`node`, or what it refers to.

        Raises:
            Unsupported: the reference is remote, leads nowhere or back to itself.
        """
        seen: set[str] = set()
        while isinstance(node, Mapping) and "$ref" in node:
            reference = node["$ref"]
            if not isinstance(reference, str) or not reference.startswith("#/"):
                raise Unsupported(
                    f"it refers to {str(reference)[:80]!r}, outside the document: bundle it into"
                    " one file"
                )
            if reference in seen:
                raise Unsupported(f"{reference!r} refers to itself")
            seen.add(reference)
            node = self._at(reference)
        if not isinstance(node, Mapping):
            raise Unsupported("a part of it is no mapping")
        return node

    def _at(self, reference: str) -> Any:
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise Unsupported(f"{reference!r} leads nowhere in the document")
            node = node[name]
        return node


def read_spec(source: str, *, transport: httpx.BaseTransport | None = None) -> Spec:
    """The document at a path or an http(s) address.

    Raises:
        SpecError: it cannot be read, or is no OpenAPI 3.0 or 3.1.
    """
    fetched = source.startswith(("http://", "https://"))
    raw = _fetched(source, transport) if fetched else _read(Path(source))
    return Spec(_checked(source, _parsed(source, raw)))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise SpecError(f"{file} cannot be read: {error.strerror}") from error
    return _small(str(file), raw)


def _fetched(url: str, transport: httpx.BaseTransport | None) -> bytes:
    raw = bytearray()
    try:
        with (
            httpx.Client(transport=transport, timeout=FETCH_S, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            if not answer.is_success:
                raise SpecError(f"{url} answers {answer.status_code}: check the address")
            for chunk in answer.iter_bytes():
                raw += chunk
                _small(url, raw)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        why = str(error) or type(error).__name__
        raise SpecError(
            f"{url} cannot be reached ({why}): check the address, or save it as a file"
        ) from error
    return bytes(raw)


def _small(source: str, raw: bytes | bytearray) -> bytes:
    if len(raw) > MOST_BYTES:
        raise SpecError(
            f"{source} is larger than {MOST_BYTES // 1_000_000} MB:"
            " cut the document down to the paths you need"
        )
    return bytes(raw)


def _parsed(source: str, raw: bytes) -> Any:
    try:
        text = raw.decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return json.loads(text)
        # The parser in C, where there is one: documents of some megabytes take a minute without.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        _must_be_flat(text, loader)
        return yaml.load(text, Loader=loader)  # noqa: S506  # both loaders are the safe ones
    except UnicodeDecodeError as error:
        raise SpecError(f"{source} is not UTF-8 text") from error
    except RecursionError as error:
        raise SpecError(f"{source} is nested too deeply to be read") from error
    except json.JSONDecodeError as error:
        raise SpecError(f"{source} is not JSON: {error.msg}, line {error.lineno}") from error
    except (yaml.YAMLError, ValueError) as error:
        # ValueError: a date that no calendar has.
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise SpecError(f"{source} is not YAML: {problem}{line}") from error


def _must_be_flat(text: str, loader: Any) -> None:
    """The parser in C recurses without end and takes the process with it, so depth comes first."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += 1 if opens else -isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise RecursionError


def _checked(source: str, document: Any) -> Node:
    if not isinstance(document, Mapping):
        raise SpecError(f"{source} is no OpenAPI document: it holds no mapping at its top")
    if "swagger" in document:
        raise SpecError(f"{source} is Swagger 2: convert it to OpenAPI 3.0 or 3.1 first")
    version = str(document.get("openapi", ""))
    if not version.startswith(tuple(f"{known}." for known in VERSIONS)):
        told = f"says openapi: {version!r}" if version else "does not say which OpenAPI it is"
        raise SpecError(f"{source} {told}: 3.0.x and 3.1.x are read")
    paths = document.get("paths")
    if not isinstance(paths, Mapping) or not paths:
        raise SpecError(f"{source} has no paths, so there is nothing to make tools of")
    return document
