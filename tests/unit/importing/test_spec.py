"""Reading a document: every way in which it can be none, told in one sentence."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.unit.importing.made import CRM
from tools.importing import Spec, SpecError, read_spec
from tools.importing.spec import MOST_BYTES

GOOD = {"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "is not YAML: "),
        ("{a", "is not JSON: "),
        ("- a", "holds no mapping"),
        ("", "holds no mapping"),
        ("swagger: '2.0'", "is Swagger 2: convert it"),
        ("openapi: 2.5.0", "says openapi: '2.5.0'"),
        ("paths: {}", "does not say which OpenAPI"),
        ("openapi: 3.0.0", "has no paths"),
        ("openapi: 3.0.0\npaths: []", "has no paths"),
        ("a: 2027-02-31", "is not YAML: "),
        ("[" * 100_000, "nested too deeply"),
        ("!!python/object/apply:os.abort []", "is not YAML: "),
    ],
)
def test_what_is_no_document_is_told_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    """With the file's name and what to do."""
    file = tmp_path / "spec.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SpecError) as error:
        read_spec(str(file))

    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(SpecError, match=r"nothing\.yaml cannot be read: No such file"):
        read_spec(str(tmp_path / "nothing.yaml"))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """An archive, for example."""
    file = tmp_path / "spec.yaml"
    file.write_bytes(b"PK\xff\xfe")

    with pytest.raises(SpecError, match="is not UTF-8 text"):
        read_spec(str(file))


def answering(answer: httpx.Response) -> httpx.MockTransport:
    """A web server with one answer."""
    return httpx.MockTransport(lambda _: answer)


def test_a_document_is_read_from_its_address() -> None:
    """JSON here, YAML as well."""
    transport = answering(httpx.Response(200, text=json.dumps(GOOD)))

    assert list(read_spec("http://x.example/openapi.json", transport=transport).paths) == ["/a"]


def test_an_address_that_answers_no_is_told() -> None:
    """With its status."""
    with pytest.raises(SpecError, match="answers 404: check the address"):
        read_spec("http://x.example/nothing", transport=answering(httpx.Response(404)))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "http://[/x", "https://127.0.0.1:9/"])
def test_an_address_that_nobody_answers_is_told(url: str) -> None:
    """Nobody listens there, or it is none."""
    with pytest.raises(SpecError, match="cannot be reached"):
        read_spec(url)


def test_a_huge_document_is_not_read(tmp_path: Path) -> None:
    """Neither from a disk nor from an address that never ends."""
    file = tmp_path / "spec.json"
    file.write_bytes(b" " * (MOST_BYTES + 1))
    transport = answering(httpx.Response(200, content=b" " * (MOST_BYTES + 1)))

    with pytest.raises(SpecError, match="larger than 16 MB"):
        read_spec(str(file))
    with pytest.raises(SpecError, match="larger than 16 MB"):
        read_spec("http://x.example/", transport=transport)


def test_aliases_that_multiply_are_read_at_once(tmp_path: Path) -> None:
    """References of YAML itself stay references, so nothing unfolds."""
    rows = ["a0: &a0 {type: string}"]
    rows += [f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 60)]
    file = tmp_path / "spec.yaml"
    file.write_text("\n".join([*rows, "openapi: 3.0.0", "paths: {/a: *a59}"]), encoding="utf-8")

    assert list(read_spec(str(file)).paths) == ["/a"]


KEYS = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "login": {"type": "oauth2"},
}


@pytest.mark.parametrize(
    ("security", "wanted"),
    [
        (None, ""),
        ([], ""),
        ([{}], ""),
        ([{"bearer": []}], ""),
        ([{"header": []}, {"bearer": []}], ""),
        ([{"header": []}], "header 'X-Key'"),
        ([{"header": [], "bearer": []}], "header 'X-Key'"),
        ([{"basic": []}, {"login": []}], "HTTP 'basic' or oauth2 'login'"),
        ([{"missing": []}], "'missing'"),
    ],
)
def test_what_an_operation_wants_besides_a_bearer_key_is_known(
    security: list[dict[str, Any]] | None, wanted: str
) -> None:
    """Its own word comes before the whole document's."""
    document = Spec({"components": {"securitySchemes": KEYS}, "security": [{"login": []}]})

    assert document.wants({"security": security} if security is not None else {}) == (
        wanted if security is not None else "oauth2 'login'"
    )


def test_the_sample_says_where_it_is_served() -> None:
    """Told to whoever imports, since the office's address has to hold its path."""
    assert read_spec(str(CRM)).server == "https://api.harbour.example/v2"
