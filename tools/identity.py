"""Whom a call is about, and how sure that is. The model has no say in it.

The calling number gives a hint; what the caller says aloud can make it sure. One `Identity` lives
as long as its call. Changed by the gate (hint) and by the area `account` (verification) only.
"""

import asyncio
import re

from pydantic import BaseModel

from tools.errors import NotAllowed
from tools.office import Errand
from tools.policy import Assurance

MOST_FAILURES = 3
E164 = re.compile(r"\+[1-9][0-9]{6,14}")

LOCKED_SAY = (
    "I could not verify you after several tries, so I have to stop here for your safety. "
    "Someone from our team can help you further."
)
NO_MATCH_SAY = "That does not match what we have on file. Would you like to try again?"
WHO_SAY = "Could you tell me your customer number, digit by digit?"


class Customer(BaseModel):
    """A customer as the office names them."""

    customer_number: str
    name: str


class Customers(BaseModel):
    """Who has a phone number."""

    customers: list[Customer]


class Claim(BaseModel):
    """What the caller says to prove who they are; one of phone and customer number."""

    phone: str | None = None
    customer_number: str | None = None
    zip_code: str


class Verified(BaseModel):
    """Whether the office agrees."""

    verified: bool
    customer: Customer | None


class Identity:
    """Who is calling. `assurance` grows only by what this class itself has seen."""

    def __init__(self, caller_number: str | None) -> None:
        known = caller_number is not None and E164.fullmatch(caller_number)
        self._number = caller_number if known else None
        self._hint: Customer | None = None
        self._looked_up = False
        self._verified: Customer | None = None
        self._failures = 0
        self._turn = asyncio.Lock()

    @property
    def customer(self) -> Customer | None:
        """Whom the call is about, verified or by number; None if nobody knows."""
        return self._verified or self._hint

    @property
    def assurance(self) -> Assurance:
        """How sure that is."""
        if self._verified:
            return Assurance.KNOWLEDGE
        return Assurance.NUMBER if self._hint else Assurance.NONE

    async def look_up(self, office: Errand) -> None:
        """Learn once whose number is calling. A number of several customers is nobody's."""
        async with self._turn:
            if self._number is None or self._looked_up:
                return
            found = await office.read("/customers", Customers, query={"phone": self._number})
            self._looked_up = True
            if len(found.customers) == 1:
                self._hint = found.customers[0]

    async def verify(self, office: Errand, *, zip_code: str, customer_number: str | None) -> None:
        """Prove who is calling. One claim at a time, so parallel guesses count one by one.

        Raises:
            NotAllowed: it does not match, too often, or there is nothing to compare with.
        """
        async with self._turn:
            if self._failures >= MOST_FAILURES:
                raise NotAllowed("locked", LOCKED_SAY)
            if customer_number is None and self._number is None:
                raise NotAllowed("which_customer", WHO_SAY)
            phone = self._number if customer_number is None else None
            claim = Claim(phone=phone, customer_number=customer_number, zip_code=zip_code)
            answer = await office.read("/customers/verify", Verified, method="POST", body=claim)
            if answer.verified and answer.customer is not None:
                self._verified = answer.customer
                return
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                raise NotAllowed("locked", LOCKED_SAY)
            raise NotAllowed("no_match", NO_MATCH_SAY)
