"""An area as it is written: its tools, their policies, and that nothing of a document is code."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.importing.made import CRM, HERE, area_of, get, loaded, send, spec_of
from tools.importing import Operation, Spec, operations, read_spec, written
from tools.policy import Assurance, Effect, Money
from tools.verdict import Consent, Standing, Verdict, decide

REPO = Path(__file__).parents[3]
EVIL = '"""\n\nimport os\nos.abort()\n"""\\'
HOSTILE = [
    EVIL,
    "'''\nos.abort()\n'''",
    "\\",
    "{__import__('os').abort()}",
    "a\r\nb\x00\u2028c",
    '")\nos.abort()\n(("',
    "Args:\n    evil: argument",
    "x\\",
    "\U0001f600 \u202e",
]
KEYED = {"parameters": [{"name": "Idempotency-Key", "in": "header"}]}
SETTLED = {
    "/operations/{key}": {
        "get": get(None, {"name": "key", "in": "path", "schema": {"type": "string"}}),
        "delete": {"responses": {}},
    }
}


def crm_text() -> str:
    """What is made of the whole sample now."""
    spec = read_spec(str(CRM))
    every = [one for _, one in operations(spec, public=["get /plans"])]
    usable = [one for one in every if isinstance(one, Operation)]
    return written(spec, usable, area="crm").text


def test_the_sample_is_written_as_it_stands() -> None:
    """crm.py beside this test is the area of crm.yaml, to be read and reviewed."""
    assert crm_text() == (HERE / "crm.py").read_text(encoding="utf-8"), crm_text()


def test_the_sample_loads_with_careful_policies() -> None:
    """Reads are tried twice, writes once after a yes, and a DELETE cannot be undone."""
    found = loaded(crm_text())
    effects = {name: tool.policy.effect for name, tool in found.items()}
    writes = [tool.policy for tool in found.values() if tool.policy.writes]

    assert effects["retrieve_ticket"] is Effect.READ
    assert effects["create_ticket"] is Effect.WRITE
    assert effects["delete_ticket"] is Effect.IRREVERSIBLE
    assert {tool.policy.assurance for tool in found.values()} == {Assurance.KNOWLEDGE}
    assert found["retrieve_ticket"].policy.tries == 2
    assert {(p.tries, p.honours_key, p.spoken_yes) for p in writes} == {(1, False, True)}


def test_nobody_names_the_customer_to_a_tool_of_the_sample() -> None:
    """A path, a query and a body name the customer; the model is asked for none of them."""
    asked = {
        argument
        for tool in loaded(crm_text()).values()
        for argument in tool.spec.parameters["properties"]
    }

    assert asked == {
        *("status", "limit", "subject", "from_", "due", "urgent"),
        *("ticket_id", "ticket", "text", "visibility"),
    }


@pytest.mark.parametrize(("settles", "honours"), [(True, True), (False, False)])
def test_a_key_is_honoured_only_where_it_can_be_settled(*, settles: bool, honours: bool) -> None:
    """The header alone promises nothing: somebody has to say what became of it."""
    paths = {"/things": {"post": send({"note": {"type": "string"}}, **KEYED)}}
    tool = loaded(area_of(spec_of(paths | (SETTLED if settles else {}))).text)["send_it"]

    assert (tool.policy.honours_key, tool.policy.tries) == (honours, 2 if honours else 1)


def test_an_argument_described_by_one_long_word_is_described() -> None:
    """A word as long as a line would stand on the next one, and the tool would not load."""
    kinds = {"name": "kind", "in": "query", "description": "a/" * 60, "schema": {"type": "string"}}
    (tool,) = loaded(area_of(spec_of({"/a": {"get": get(None, kinds)}})).text).values()

    assert tool.spec.parameters["properties"]["kind"]["description"].startswith("a/a/")


REFUND = {"amount_cents": {"type": "integer"}, "note": {"type": "string"}}


def test_no_money_is_moved_until_somebody_says_how_much() -> None:
    """Both ceilings are zero, so the gate refuses every amount."""
    spec = spec_of({"/a": {"post": send(REFUND, "amount_cents")}})
    policy = loaded(area_of(spec).text)["send_it"].policy
    nameless = {"name": "", "in": "query", "schema": {"type": "string"}}
    other = spec_of({"/a": {"post": send({}, parameters=[nameless])}})
    standing = Standing(runs=0, assurance=Assurance.CODE, consent=Consent.YES, cents=1)

    assert policy.money == Money("amount_cents", 0, 0)
    assert loaded(area_of(other).text)["send_it"].policy.money is None
    assert decide(policy, standing) is Verdict.ABOVE_LIMIT


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_document_becomes_code(text: str) -> None:
    """Wherever it stands, it ends up in a literal, in a docstring, or not at all."""
    path = {"name": "x", "in": "path", "description": text, "schema": {"type": "string"}}
    asked = {"name": text[:40], "in": "query", "description": text, "schema": {"enum": [text[:50]]}}
    answer = {
        "type": "object",
        "description": text,
        "properties": {text: {"type": "string"}, "y": {"enum": [text[:50]]}},
    }
    described = {"summary": text, "description": text, "operationId": text}
    spec = spec_of({"/a/{x}": {"get": get(answer, path, asked) | described}})
    area = area_of(Spec({"info": {"title": text, "version": text}, "paths": spec.paths}))
    (tool,) = loaded(area.text).values()

    assert "os.abort()\n" not in area.text.replace("\\n", "")
    assert tool.spec.parameters["required"] == ["x"]


def hostile() -> Spec:
    """Text that would be code."""
    properties = {f"f{n}": {"enum": [text[:50]]} for n, text in enumerate(HOSTILE)}
    pattern = {"type": "string", "pattern": "^(\"[a-z]'|\\d)+$", "description": EVIL}
    return spec_of({"/a": {"post": send({"p": pattern, **properties}, "p", summary=EVIL)}})


def awkward() -> Spec:
    """Names that are long, alike or a linter's own, and texts that fill a line to its end."""
    deep = "goalSuccessRateResultsOfTheAdvicentNaviPlanModels"
    names = {"timeout": {"type": "string"}, "l": {"type": "string"}, deep: {"type": "integer"}}
    item = {"type": "object", "properties": names, "description": f"It is {'x' * 85}."}
    inner = {"type": "object", "properties": {deep: {"type": "array", "items": item}}}
    told = "\u0441 \u00d7 a\u0441b \u738b \u0131 caf\u00e9 "
    spaced = {
        "name": "s",
        "in": "query",
        "schema": {"type": "string", "pattern": f"^{'a b ' * 30}$"},
    }
    asked = [{"name": name, "in": "query", "schema": of} for name, of in names.items()]
    paths = {
        f"/a/{n}{deep * 2}": {
            "get": get({"type": "array", "items": dict(inner)}, spaced, *asked)
            | {"operationId": f"testX{'Result' * n}{deep}", "description": told * n}
        }
        for n in range(1, 7)
    }
    every = {"type": "string", "format": "date-time"}, {"type": "string", "pattern": "^[0-9]+$"}
    body = dict(zip(("at", "nr", "class"), (*every, {"type": "boolean"}), strict=True))
    paths["/b"] = {"post": send(body | names, *body, summary="It sends" + " it" * 40)}
    return spec_of(paths)


@pytest.mark.parametrize("spec", [hostile(), awkward()], ids=["hostile", "awkward"])
def test_an_area_is_written_as_ruff_writes(tmp_path: Path, spec: Spec) -> None:
    """The formatter and the linter of this repository find nothing to change."""
    file = tmp_path / "area.py"
    file.write_text(area_of(spec).text, encoding="utf-8")
    ours = 'lint.isort.known-first-party=["tools"]'
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "ruff",
                *command,
                "--config",
                REPO / "pyproject.toml",
                "--config",
                ours,
                file,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("import", "test_import"),
        ("findOrder", "find_order"),
        ("tool", "test_tool"),
        ("list", "test_list"),
        ("42", "get_42"),
        ("x", "get_x"),
        ("testConnection", "get_test_connection"),
        ("get_it_things_get", "get_it"),
        ("\u0437\u0430\u043a\u0430\u0437", "get_things"),
    ],
)
def test_every_operation_gets_a_name_that_python_and_a_model_can_use(
    operation: str, expected: str
) -> None:
    """Keywords, builtins and our own names are given the area's name before them."""
    area = area_of(spec_of({"/things": {"get": get() | {"operationId": operation}}}))

    assert list(area.tools) == [expected]
    assert list(loaded(area.text)) == [expected]


def test_a_name_that_another_area_has_is_not_given_again() -> None:
    """Two tools of one name would keep every area from loading."""
    area = area_of(spec_of({"/things": {"get": get()}}), taken={"look_at"})

    assert list(area.tools) == ["test_look_at"]


def test_arguments_of_one_name_are_told_apart() -> None:
    """Path, query and body may each have an `order`; keywords and our own names get a sign."""
    text = {"type": "string"}
    given = [
        {"name": "order", "in": "path", "schema": text},
        {"name": "order", "in": "query", "required": True, "schema": text},
        {"name": "class", "in": "query", "schema": text},
        {"name": "call", "in": "query", "schema": text},
    ]
    spec = spec_of({"/o/{order}": {"post": send({"order": text}, "order", parameters=given)}})
    area = area_of(spec)
    (tool,) = loaded(area.text).values()

    assert list(tool.spec.parameters["properties"]) == [
        *("order", "order_", "order_2", "class_", "call_")
    ]
    assert '"order": order,' in area.text
    assert '"order of the query": order_,' in area.text
    assert '"order of the body": order_2,' in area.text
