"""`python -m tools import openapi`: what it writes, what it tells, and its exit codes."""

import json
import re
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from tests.unit.importing.made import CRM, loaded
from tools.__main__ import app


def run(*arguments: str) -> Result:
    """The command with the sample document."""
    return CliRunner().invoke(app, ["import", "openapi", str(CRM), *arguments])


def test_an_area_is_written_and_told(tmp_path: Path) -> None:
    """The tools with their effects, what was not written and why, and what to do next."""
    file = tmp_path / "crm.py"
    done = run("--out", str(file))

    assert done.exit_code == 0, done.stderr
    assert "delete_ticket: cannot be undone, after a spoken yes, tried once" in done.stdout
    assert "attachFile: its body is multipart/form-data, and only JSON is sent" in done.stdout
    assert "createTicket" not in done.stdout.split("not written:")[1].split("left out:")[0]
    assert "create_ticket: 'tags': a list cannot be an argument" in done.stdout
    assert "https://api.harbour.example/v2" in done.stdout
    assert "delete_ticket" in loaded(file.read_text(encoding="utf-8"))


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    """Each by its operationId; the read that shows whose it is comes along, not as a tool."""
    file = tmp_path / "crm.py"
    done = run("--only", "deleteTicket", "--out", str(file))
    text = file.read_text(encoding="utf-8")

    assert done.exit_code == 0, done.stderr
    assert list(loaded(text)) == ["delete_ticket"]
    assert "async def _own_retrieve_ticket" in text


def test_what_is_filled_and_what_is_not_sent_is_told(tmp_path: Path) -> None:
    """A name that is taken for the customer's, and a key that the API wants and nobody sends."""
    document = yaml.safe_load(CRM.read_text(encoding="utf-8"))
    document["security"] = [{"ours": []}]
    keys = {"ours": {"type": "apiKey", "in": "header", "name": "X-Harbour"}}
    document["components"]["securitySchemes"] = keys
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(document), encoding="utf-8")
    out = str(tmp_path / "crm.py")
    done = CliRunner().invoke(app, ["import", "openapi", str(spec), "--out", out])

    assert "list_tickets: reads; filled with the caller's number: customer\n" in done.stdout
    assert "the API wants header 'X-Harbour'; requests carry the office's bearer" in done.stdout


def test_a_name_for_the_customer_can_be_said(tmp_path: Path) -> None:
    """And is told as filled."""
    done = run(
        "--only", "retrievePlan", "--customer", "plan_code", "--out", str(tmp_path / "crm.py")
    )

    assert "retrieve_plan: reads; filled with the caller's number: plan_code\n" in done.stdout


def test_what_is_nobodys_is_allowed_by_name(tmp_path: Path) -> None:
    """A plan belongs to no customer, which only a person can know."""
    file = tmp_path / "crm.py"
    options = ("--only", "retrievePlan", "--out", str(file))

    skipped = run(*options)

    assert skipped.exit_code == 2
    assert "say so by --public retrievePlan" in skipped.stdout
    assert run(*options, "--public", "retrievePlan").exit_code == 0


def test_what_is_public_and_not_chosen_is_a_mistake(tmp_path: Path) -> None:
    """Whoever says so expects it in the file."""
    file = tmp_path / "crm.py"
    done = run("--only", "listTickets", "--public", "retrievePlan", "--out", str(file))

    assert (done.exit_code, file.exists()) == (1, False)
    assert "--public retrievePlan is not among --only" in done.stderr


def test_a_name_that_is_none_is_told_with_those_near_it(tmp_path: Path) -> None:
    """Whoever misspells it learns what they meant."""
    done = run("--only", "retreiveTicket", "--out", str(tmp_path / "crm.py"))

    assert done.exit_code == 1
    assert "no operation 'retreiveTicket'; there are: retrieveTicket" in done.stderr


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    """Somebody may have edited it; only --force writes over it."""
    file = tmp_path / "crm.py"
    file.write_text("mine", encoding="utf-8")
    kept = run("--out", str(file))

    assert (kept.exit_code, file.read_text(encoding="utf-8")) == (1, "mine")
    assert "overwrite it by --force" in kept.stderr
    assert run("--out", str(file), "--force").exit_code == 0
    assert file.read_text(encoding="utf-8") != "mine"


def test_nothing_to_write_has_its_own_exit_code(tmp_path: Path) -> None:
    """2, and no file."""
    file = tmp_path / "crm.py"
    done = run("--only", "exportAll", "--out", str(file))

    assert done.exit_code == 2
    assert "so no file was written" in done.stderr
    assert not file.exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--area", "Bad Name"), "cannot name an area"),
        (("--area", "importing"), "is a package of its own"),
        (("--area", "orders"), "orders.py exists"),
        (("--out", "/nowhere/at/all.py"), "cannot be written: No such file"),
    ],
)
def test_a_place_that_is_none_is_told(options: tuple[str, ...], says: str) -> None:
    """In one sentence, with what to do."""
    done = run(*options)

    assert done.exit_code == 1
    assert says in done.stderr


def test_a_document_that_is_none_is_told(tmp_path: Path) -> None:
    """On stderr, without a stack trace."""
    done = CliRunner().invoke(app, ["import", "openapi", str(tmp_path / "no.yaml")])

    assert done.exit_code == 1
    assert re.fullmatch(r".*no\.yaml cannot be read: No such file or directory\n", done.stderr)
