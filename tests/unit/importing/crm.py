"""Business area: crm. Tools of 'Harbour CRM'.

Written by 'python -m tools import openapi' from version 2026-03 of its document, and yours to edit
since: what callers hear is plain, so word it as your company speaks, and leave out of the answers
what no caller asks for.
"""

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from tools import plain
from tools.answers import Nothing
from tools.call import Call
from tools.catalogue import Result, tool
from tools.confirm import ReadBack
from tools.policy import Assurance, Effect, Policy
from tools.typed import one_segment, plain_digits, sayable

_Status: TypeAlias = Literal["open", "waiting", "solved"]
_Interval: TypeAlias = Literal["month", "year"]
_Limit: TypeAlias = Annotated[int, Field(ge=1, le=20, strict=True)]
_Subject: TypeAlias = Annotated[str, Field(min_length=3, max_length=120), AfterValidator(sayable)]
_From: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    AfterValidator(sayable),
]
_Urgent: TypeAlias = Annotated[bool, Field(strict=True)]
_TicketId: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[0-9]{6}$"),
    AfterValidator(sayable),
    AfterValidator(one_segment),
    BeforeValidator(plain_digits),
]
_TicketGiven: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[0-9]{6}$"),
    AfterValidator(sayable),
    AfterValidator(one_segment),
    BeforeValidator(plain_digits),
]
_Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=400), AfterValidator(sayable)]
_Visibility: TypeAlias = Literal["everybody", "staff_only"]


class _Customer(BaseModel):
    """As the office tells it."""

    id_: plain.Text = Field(validation_alias="id")
    name: plain.Text
    balance: int | None = None


class _TicketComment(BaseModel):
    """As the office tells it."""

    text: plain.Text
    by_staff: bool | None = Field(default=None, validation_alias="by-staff")


class _Ticket(BaseModel):
    """What a customer wants, and how far it is."""

    id_: plain.Text = Field(validation_alias="id")
    customer_id: int
    status: _Status
    subject: plain.Text
    created: dt.datetime
    due: dt.date | None = None
    comments: list[_TicketComment] | None = None


class _ListTicketsList(RootModel[list[_Ticket]]):
    """A list, as the office tells it."""


class _Plan(BaseModel):
    """As the office tells it."""

    code: plain.Text
    name: plain.Text
    price: float
    interval: _Interval | None = None


class _GetPlans(BaseModel):
    """As the office tells it."""

    data: list[_Plan]
    has_more: bool | None = None


class _CustomerTold(Result):
    """What is found."""

    found: _Customer


class _ListTicketsListTold(Result):
    """What is found."""

    found: _ListTicketsList


class _TicketTold(Result):
    """What is found."""

    found: _Ticket


class _CreateTicketBody(BaseModel):
    """What the office is sent."""

    model_config = ConfigDict(serialize_by_alias=True)

    customer_id: int
    subject: _Subject
    from_: _From | None = Field(default=None, serialization_alias="from")
    due: dt.date | None = None
    urgent: _Urgent | None = None


class _AddCommentBody(BaseModel):
    """What the office is sent."""

    text: _Text
    visibility: _Visibility | None = None


class _GetPlansTold(Result):
    """What is found."""

    found: _GetPlans


async def _own_retrieve_ticket(call: Call, ticket_id: _TicketId) -> _Ticket:
    found = await call.office.read("/tickets/{ticket_id}", _Ticket, ticket_id=ticket_id)
    plain.must_be_own(call, found.customer_id)
    return found


@tool(Policy(effect=Effect.READ, assurance=Assurance.KNOWLEDGE, gives_code=False))
async def retrieve_customer(call: Call) -> _CustomerTold:
    """Retrieve a customer."""
    found = await call.office.read(
        "/customers/{customer}",
        _Customer,
        customer=call.customer.customer_number,
    )
    return _CustomerTold(say=plain.FOUND, found=found)


@tool(Policy(effect=Effect.READ, assurance=Assurance.KNOWLEDGE, gives_code=False))
async def list_tickets(
    call: Call,
    status: _Status | None = None,
    limit: _Limit | None = None,
) -> _ListTicketsListTold:
    """List tickets.

    Args:
        status: Only tickets in this state. Leave it out unless the caller named one.
        limit: The limit. Leave it out unless the caller named one.
    """
    found = await call.office.read(
        "/tickets",
        _ListTicketsList,
        query=plain.query(
            {"customer": call.customer.customer_number, "status": status, "limit": limit},
        ),
    )
    return _ListTicketsListTold(say=plain.FOUND, found=found)


async def _ask_create_ticket(
    call: Call,
    subject: _Subject,
    from_: _From | None = None,
    due: dt.date | None = None,
    urgent: _Urgent | None = None,
) -> ReadBack:
    return plain.ask(
        call,
        "open a ticket",
        {"subject": subject, "from": from_, "due": due, "urgent": urgent},
    )


@tool(
    Policy(
        effect=Effect.WRITE,
        deadline_s=8.0,
        try_s=5.0,
        tries=1,
        honours_key=False,
        gives_code=False,
        assurance=Assurance.KNOWLEDGE,
        spoken_yes=True,
        times_per_call=3,
    ),
    read_back=_ask_create_ticket,
)
async def create_ticket(
    call: Call,
    subject: _Subject,
    from_: _From | None = None,
    due: dt.date | None = None,
    urgent: _Urgent | None = None,
) -> _TicketTold:
    """Open a ticket.

    The caller must be verified first. The first use changes nothing: it gives you a question. Ask
    it word by word, wait for the caller's answer, and only after a clear yes use this tool again
    with the same arguments.

    Args:
        subject: What it is about.
        from_: Where to answer, by mail. Leave it out unless the caller named one.
        due: The due. As YYYY-MM-DD. Leave it out unless the caller named one.
        urgent: The urgent. Leave it out unless the caller named one.
    """
    body = _CreateTicketBody(
        customer_id=int(call.customer.customer_number),
        subject=subject,
        from_=from_,
        due=due,
        urgent=urgent,
    )
    found = await call.office.write("POST", "/tickets", _Ticket, key=call.key, body=body)
    return _TicketTold(say=plain.DONE, found=found)


@tool(Policy(effect=Effect.READ, assurance=Assurance.KNOWLEDGE, gives_code=False))
async def retrieve_ticket(call: Call, ticket_id: _TicketId) -> _TicketTold:
    """Retrieve a ticket.

    Args:
        ticket_id: The ticket's number.
    """
    found = await _own_retrieve_ticket(call, ticket_id)
    return _TicketTold(say=plain.FOUND, found=found)


async def _ask_delete_ticket(call: Call, ticket_id: _TicketId) -> ReadBack:
    await _own_retrieve_ticket(call, ticket_id)
    return plain.ask(call, "delete a ticket", {"ticket id": ticket_id})


@tool(
    Policy(
        effect=Effect.IRREVERSIBLE,
        deadline_s=8.0,
        try_s=5.0,
        tries=1,
        honours_key=False,
        gives_code=False,
        assurance=Assurance.KNOWLEDGE,
        spoken_yes=True,
        times_per_call=3,
    ),
    read_back=_ask_delete_ticket,
)
async def delete_ticket(call: Call, ticket_id: _TicketId) -> Result:
    """Delete a ticket.

    Deletes it with all of its comments.

    The caller must be verified first. The first use changes nothing: it gives you a question. Ask
    it word by word, wait for the caller's answer, and only after a clear yes use this tool again
    with the same arguments.

    Args:
        ticket_id: The ticket's number.
    """
    await _own_retrieve_ticket(call, ticket_id)
    await call.office.write(
        "DELETE",
        "/tickets/{ticket_id}",
        Nothing,
        key=call.key,
        ticket_id=ticket_id,
    )
    return Result(say=plain.DONE)


async def _ask_add_comment(
    call: Call,
    ticket: _TicketGiven,
    text: _Text,
    visibility: _Visibility | None = None,
) -> ReadBack:
    await _own_retrieve_ticket(call, ticket)
    return plain.ask(
        call,
        "add a comment to a ticket",
        {"ticket": ticket, "text": text, "visibility": visibility},
    )


@tool(
    Policy(
        effect=Effect.WRITE,
        deadline_s=8.0,
        try_s=5.0,
        tries=1,
        honours_key=False,
        gives_code=False,
        assurance=Assurance.KNOWLEDGE,
        spoken_yes=True,
        times_per_call=3,
    ),
    read_back=_ask_add_comment,
)
async def add_comment(
    call: Call,
    ticket: _TicketGiven,
    text: _Text,
    visibility: _Visibility | None = None,
) -> Result:
    """Add a comment to a ticket.

    The caller must be verified first. The first use changes nothing: it gives you a question. Ask
    it word by word, wait for the caller's answer, and only after a clear yes use this tool again
    with the same arguments.

    Args:
        ticket: The ticket.
        text: The comment.
        visibility: The visibility. Leave it out unless the caller named one.
    """
    await _own_retrieve_ticket(call, ticket)
    body = _AddCommentBody(text=text, visibility=visibility)
    await call.office.write(
        "POST",
        "/tickets/{ticket}/comments",
        Nothing,
        key=call.key,
        body=body,
        ticket=ticket,
    )
    return Result(say=plain.PASSED_ON)


@tool(Policy(effect=Effect.READ, assurance=Assurance.KNOWLEDGE, gives_code=False))
async def get_plans(call: Call) -> _GetPlansTold:
    """List plans."""
    found = await call.office.read("/plans", _GetPlans)
    return _GetPlansTold(say=plain.FOUND, found=found)
