"""Which request a fault strikes."""

import json

import pytest
from pydantic import ValidationError

from rehearsal.office.faults import Fault, FaultBook
from rehearsal.office.spoiling import HUGE_BYTES, Reply, spoil


def strikes(fault: Fault, method: str, path: str) -> bool:
    """Whether a book with only this fault strikes the request."""
    book = FaultBook()
    book.add(fault)
    return book.strike(method, path) is not None


@pytest.mark.parametrize(
    ("route", "method", "path", "struck"),
    [
        ("/orders/{order}", "GET", "/orders/4271", True),
        ("/orders/{order}", "GET", "/orders/4271/cancel", False),
        ("/orders/4271", "GET", "/orders/4271", True),
        ("/orders/4271", "GET", "/orders/4302", False),
        ("/orders/{order}/cancel", "POST", "/orders/4302/cancel", True),
        ("*", "GET", "/customers", True),
        ("*", "GET", "/health", False),
        ("*", "POST", "/rehearsal/faults", False),
    ],
)
def test_routes_are_matched(route: str, method: str, path: str, *, struck: bool) -> None:
    """Templates and paths strike what they name; readiness and control are never struck."""
    assert strikes(Fault(route=route, fault="hang"), method, path) is struck


def test_a_method_narrows_a_fault() -> None:
    """A fault for POST leaves GET alone."""
    fault = Fault(route="*", method="post", fault="hang")

    assert strikes(fault, "POST", "/orders/1/cancel")
    assert not strikes(fault, "GET", "/orders/1")


def test_times_run_out() -> None:
    """A fault that strikes twice lets the third request pass."""
    book = FaultBook()
    book.add(Fault(route="*", fault="reset", times=2))

    assert [book.strike("GET", "/products") is not None for _ in range(3)] == [True, True, False]
    assert book.entries == []


def test_a_route_without_a_slash_is_refused() -> None:
    """A route that could never match is an error when the fault is asked for."""
    with pytest.raises(ValidationError, match="begin with"):
        Fault(route="orders", fault="hang")


def test_answers_are_spoilt() -> None:
    """Malformed is no JSON, huge is huge, and a wrong schema is JSON of another shape."""
    good = Reply(200, [], b'{"order": "4271"}')

    with pytest.raises(json.JSONDecodeError):
        json.loads(spoil("malformed", good).body)
    assert len(spoil("huge", good).body) > HUGE_BYTES
    assert "order" not in json.loads(spoil("wrong_schema", good).body)


def test_types_are_spoilt_everywhere_and_names_nowhere() -> None:
    """Numbers become texts, texts lists, and a yes a number; what is empty stays so."""
    body = b'{"order": "4271", "items": [{"quantity": 2}], "paid": true, "note": null}'

    assert json.loads(spoil("wrong_types", Reply(200, [], body)).body) == {
        "order": ["4271"],
        "items": [{"quantity": "2"}],
        "paid": 1,
        "note": None,
    }
