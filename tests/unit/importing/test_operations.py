"""Which operations become tools, and why the others do not."""

from typing import Any

import pytest

from tests.unit.importing.made import area_of, get, loaded, one_of, send, spec_of
from tools.importing import Operation, Unsupported, operations

TEXT = {"type": "string"}
OWNED = {"type": "object", "properties": {"customer_number": TEXT, "color": TEXT}}
LOOP: dict[str, Any] = {
    "A": {"$ref": "#/components/schemas/B"},
    "B": {"$ref": "#/components/schemas/A"},
}
UUID = {"type": "string", "format": "uuid"}
NUMBER = {"type": "integer"}
IN_PATH = {"name": "thing", "in": "path", "required": True, "schema": TEXT}


def refusal(
    operation: dict[str, Any], *, path: str = "/things", schemas: dict[str, Any] | None = None
) -> str:
    """Why an operation cannot become a tool."""
    method = "post" if "requestBody" in operation else "get"
    found = one_of(spec_of({path: {method: operation}}, schemas))
    assert isinstance(found, Unsupported)
    return str(found)


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (get({"$ref": "https://example.com/x.yaml"}), "outside the document"),
        (get({"$ref": "#/components/schemas/Missing"}), "leads nowhere"),
        (get({"$ref": "#/components/schemas/A"}), "refers to itself"),
        (get(deprecated=True), "deprecated"),
        (get(responses={"200": {"content": {"text/csv": {}}}}), "text/csv"),
        (get(responses={"default": {}}), "does not say what it answers"),
        (get({"type": "string"}), "neither an object nor a list"),
        (get(None, {"name": "X-Tenant", "in": "header", "required": True}), "never sent"),
        (get(None, {"name": "other", "in": "path", "schema": TEXT}), "names in its path"),
        (send({"a": {"type": "array"}}, "a"), "a list cannot be an argument"),
        (send({"a": {"type": "object"}}, "a"), "an object cannot be an argument"),
        (send({"a": {"oneOf": [TEXT, {"type": "integer"}]}}, "a"), "several forms"),
        (send({"confirmed": {"type": "boolean"}}, "confirmed"), "for the gate to know"),
        (send({"customer_email": TEXT}, "customer_email"), "for the gate to know"),
        (send({"user": {"type": "object"}}, "user"), "not by a number"),
        (send({"user": UUID}, "user"), "not by a number that a caller has"),
        (send({"user_uuid": TEXT}, "user_uuid"), "say so by --customer user_uuid"),
        (send({"client_id": TEXT}, "client_id"), "for the gate to know"),
        (send({"account": TEXT}, "account"), "say so by --customer account"),
        (send({"a": UUID}, "a"), "a UUID cannot be read back"),
        (send({"amount": {"type": "integer"}}, "amount"), "whole cents"),
        (send({"amount_cents": {"type": "integer"}}), "whole cents"),
        (send({"amount_cents": {"type": "number"}}, "amount_cents"), "whole cents"),
        (send({"amount": {"type": "object"}}), "it needs 'amount': an object"),
        (send({"note": TEXT}, operationId="refundOrder"), "without saying how much"),
        (send({"value": NUMBER, "currency": TEXT}, "value"), "without saying how much"),
        (send({"value": NUMBER, "currency": {"type": "array"}}), "it needs 'currency': a list"),
        (send({"value": {**NUMBER, "description": "The price in full."}}, "value"), "whole cents"),
        (send({"value": {**TEXT, "description": "How much, as 12.50."}}, "value"), "whole cents"),
        (send({"how": {"type": "object", "description": "In cents."}}), "it needs 'how'"),
        (send({"sum": NUMBER}, "sum"), "whole cents"),
        (send({"euros": NUMBER}, "euros"), "whole cents"),
        (send({"cost": NUMBER}, "cost"), "whole cents"),
        (send({"a": {"enum": [True, False], "type": "string"}}, "a"), "quote words"),
    ],
)
def test_what_cannot_be_a_tool_is_refused_with_its_reason(
    operation: dict[str, Any], why: str
) -> None:
    """One sentence for each, so that whoever imports knows what to change."""
    assert why in refusal(operation, schemas=LOOP)


@pytest.mark.parametrize("path", ["/a/{", "/a}b", "/a b", "/a?b={thing}", "no-slash", "/a\n"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    """Nothing but segments and whole parameters, so that formatting it is safe."""
    given = [IN_PATH] if "{thing}" in path else []

    assert "path" in refusal(get(None, *given), path=path)


def test_a_body_that_is_no_json_is_refused() -> None:
    """Files are not sent from a telephone call."""
    form = {"required": True, "content": {"multipart/form-data": {}}}

    assert "multipart/form-data" in refusal(send({}, requestBody=form))


def test_what_is_optional_is_left_out_instead() -> None:
    """An argument that nobody can say costs only itself, and is told."""
    found = one_of(spec_of({"/a": {"post": send({"tags": {"type": "array"}, "note": TEXT})}}))

    assert isinstance(found, Operation)
    assert [given.wire for given in found.asked] == ["note"]
    assert "a list cannot be an argument" in found.left_out[0]


@pytest.mark.parametrize(
    "path", ["/top-up", "/donate", "/payments", "/charges", "/a/{thing}/transfers", "/a/deposit"]
)
def test_what_moves_money_says_how_much(path: str) -> None:
    """A number that nobody calls money is moved without a ceiling otherwise."""
    given = [IN_PATH] if "{thing}" in path else []
    operation = send({"value": NUMBER}, "value", parameters=given)

    assert "without saying how much" in refusal(operation, path=path)


def test_cents_are_known_by_a_description() -> None:
    """However the number itself is called."""
    value = NUMBER | {"description": "How much, in cents."}
    found = one_of(spec_of({"/transfers": {"post": send({"value": value}, "value")}}))

    assert isinstance(found, Operation)
    assert found.money
    assert found.money.wire == "value"


def test_what_only_tells_of_money_is_no_amount() -> None:
    """Neither a text about a payment, nor which order it was for."""
    told = {"description": "What the payment was for."}
    asked = {"reason": TEXT | told, "order_no": NUMBER | told}
    found = one_of(spec_of({"/a": {"post": send(asked, "reason", "order_no")}}))

    assert isinstance(found, Operation)
    assert found.money is None


def test_two_amounts_have_no_one_ceiling() -> None:
    """The gate counts one argument, and the other would go by uncounted."""
    cents = {"type": "integer"}

    assert "whole cents" in refusal(send({"fee_cents": cents, "sum_cents": cents}, "fee_cents"))


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/archive/delete", "archive"),
        ("/archive/delete", "get_archive_delete"),
        ("/jobs/{thing}/cancel/", ""),
        ("/jobs/{thing}:cancel", ""),
        ("/groups/addContact", "contacts"),
        ("/archive", "deleteArchiveUsingGET"),
        ("/invoices/{thing}/pay", "getInvoicesPay"),
        ("/doors/{thing}/open", "getDoorsOpen"),
        ("/doors/{thing}/open/", ""),
        ("/book/{thing}", ""),
        ("/device/activate", "device"),
        ("/device.stop", "getDevice"),
        ("/stop", ""),
        ("/top-up", "getTopUp"),
        ("/slots", "bookNow"),
        ("/bookNow", ""),
    ],
)
def test_a_get_that_acts_is_no_read(path: str, operation: str) -> None:
    """It would be tried twice, and nobody would be asked for a yes."""
    given = [IN_PATH] if "{thing}" in path else []
    named = {"operationId": operation} if operation else {}

    assert "what acts is no read" in refusal(get(None, *given) | named, path=path)


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/orders/updates", "list"),
        ("/reasons", "getCancelReasons"),
        ("/books", ""),
        ("/payments", ""),
        ("/transfers", "allTransfers"),
        ("/open-orders", "listOpenOrders"),
        ("/book/{thing}", "getBook"),
    ],
)
def test_a_get_that_reads_of_acts_is_a_read(path: str, operation: str) -> None:
    """Its first word says so, or the word is not by itself."""
    given = [IN_PATH] if "{thing}" in path else []
    found = one_of(spec_of({path: {"get": get(None, *given) | {"operationId": operation}}}))

    assert isinstance(found, Operation)


@pytest.mark.parametrize("schema", [TEXT, UUID, {"type": "integer"}])
def test_what_an_api_calls_the_customer_can_be_said(schema: dict[str, Any]) -> None:
    """An account is the customer's number with some, and with a bank it is not: somebody knows."""
    spec = spec_of({"/a": {"post": send({"accountId": schema}, "accountId")}})
    found = dict(operations(spec, customer=["account_id"]))["send_it"]

    assert isinstance(found, Operation)
    assert found.filled == ("accountId",)


@pytest.mark.parametrize("name", ["customer", "customerNumber", "user-id", "member_no", "Client"])
def test_who_calls_is_filled_and_never_asked(name: str) -> None:
    """However the API writes it."""
    found = one_of(spec_of({"/a": {"post": send({name: TEXT}, name)}}), public=False)

    assert isinstance(found, Operation)
    assert [(given.wire, given.form) for given in found.inputs] == [(name, None)]


@pytest.mark.parametrize("path", ["/customers/{id}", "/v1/users/{number}", "/user/{ref}"])
def test_a_bare_id_is_what_its_path_lists(path: str) -> None:
    """The id in /customers/{id} names the customer."""
    bare = path.rpartition("{")[2].strip("}")
    given = {"name": bare, "in": "path", "required": True, "schema": TEXT}
    found = one_of(spec_of({path: {"get": get(None, given)}}), public=False)

    assert isinstance(found, Operation)
    assert found.asked == ()


@pytest.mark.parametrize(
    ("path", "operation", "method"),
    [
        ("/things/{thing}", get(None, IN_PATH), "get"),
        ("/people", get({"type": "array", "items": OWNED}), "get"),
        ("/products", get(), "get"),
        ("/me/appointments", get(), "get"),
        ("/orders/latest", get(OWNED), "get"),
        ("/labs", get(None, {"name": "patient", "in": "query", "schema": TEXT}), "get"),
        ("/invoices/search", get(None, {"name": "name", "in": "query", "schema": TEXT}), "get"),
        ("/accounts", get({"type": "object", "properties": {"account_id": TEXT}}), "get"),
        (
            "/things/{thing}",
            get({"type": "object", "properties": {"user_id": UUID}}, IN_PATH),
            "get",
        ),
        ("/things", send({"note": TEXT}), "post"),
        ("/things/{thing}", send({"customer": TEXT}, "customer", parameters=[IN_PATH]), "put"),
    ],
)
def test_what_nothing_ties_to_the_caller_is_refused(
    path: str, operation: dict[str, Any], method: str
) -> None:
    """Whether it is everybody's, nobody's or the company's own, only an operator can know."""
    spec = spec_of({path: {method: operation}})

    assert "nothing ties it to the caller" in str(one_of(spec, public=False))
    assert f"--public {operation['operationId']}" in str(one_of(spec, public=False))
    assert isinstance(one_of(spec, public=True), Operation)


def test_a_write_asks_first_whose_it_is() -> None:
    """A read of the same thing shows its owner, also under another name in the path."""
    number = {**IN_PATH, "name": "number"}
    write = send({"note": TEXT}, "note", parameters=[number])
    spec = spec_of({"/a/{thing}": {"get": get(OWNED, IN_PATH)}, "/a/{number}/b": {"post": write}})
    area = area_of(spec)

    assert area.text.count("await _own_look_at(call, a_number)") == 2
    assert set(loaded(area.text)) == {"look_at", "send_it"}


INVOICE = {"type": "object", "properties": {"amount": {"type": "integer"}, "email": TEXT}}
BY_NUMBER = {"name": "invoice_no", "in": "query", "required": True, "schema": TEXT}
OF_CUSTOMER = {"name": "customer_id", "in": "path", "required": True, "schema": TEXT}
MINE = "/customers/{customer_id}"
REFUND = {"customer": TEXT, "order": TEXT, "amount_cents": NUMBER}


def sent(*names: str, **more: Any) -> dict[str, Any]:
    """A write of these texts."""
    return send(dict.fromkeys(names, TEXT), *names, **more)


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    [
        ("/invoices", "get", get(INVOICE, BY_NUMBER)),
        ("/refunds", "post", send(REFUND, *REFUND)),
        ("/carts/merge", "post", sent("customer", "from_order", "email")),
        ("/cancellations", "post", sent("customer_id", "booking_code")),
        ("/cancellations", "post", sent("customer_id", "iban")),
        ("/cancellations", "post", sent("customer_id", "orderIDs")),
        ("/cancellations", "post", sent("customer_id", "license_plates")),
        (f"{MINE}/claims", "post", sent("order_id", parameters=[OF_CUSTOMER])),
        (f"{MINE}/invoices", "get", get(INVOICE, OF_CUSTOMER, BY_NUMBER)),
        ("/things/{thing}/to" + MINE, "put", sent("note", parameters=[IN_PATH, OF_CUSTOMER])),
    ],
)
def test_a_thing_named_beside_the_caller_is_somebodys_too(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    """A customer in the body, or after the thing, says whose it becomes, not whose it is."""
    found = one_of(spec_of({path: {method: operation}}), public=False)

    assert "say so by --public" in str(found)


@pytest.mark.parametrize(
    "asked",
    [
        {"house_number": TEXT, "zip_code": TEXT},
        {"order": {"enum": ["newest", "oldest"]}},
        {"urgent_case": {"type": "boolean"}},
    ],
)
def test_what_names_no_one_thing_needs_nobodys_word(asked: dict[str, Any]) -> None:
    """A part of an address, a choice of the document's own, a yes or no."""
    spec = spec_of({f"{MINE}/a": {"post": send(asked, *asked, parameters=[OF_CUSTOMER])}})

    assert isinstance(one_of(spec, public=False), Operation)


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/merge", sent("other_ticket", parameters=[IN_PATH])),
        ("/merge", sent("into", parameters=[IN_PATH])),
        ("/merge/{other}", sent("note", parameters=[IN_PATH, {**IN_PATH, "name": "other"}])),
    ],
)
def test_a_second_thing_is_compared_with_nobody(path: str, operation: dict[str, Any]) -> None:
    """A read says whose the first is, and only of that one; it is compared when public too."""
    paths = {"/a/{thing}": {"get": get(OWNED, IN_PATH)}, f"/a/{{thing}}{path}": {"post": operation}}
    found = dict(operations(spec_of(paths)))["send_it"]
    public = dict(operations(spec_of(paths), public=["send_it"]))["send_it"]

    assert "nothing says whose" in str(found)
    assert isinstance(public, Operation)
    assert public.shown_by
