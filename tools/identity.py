"""Whom a call is about, and how sure that is. The model has no say in it.

The calling number gives a hint; what the caller says aloud can make it sure. One `Identity` lives
as long as its call. Changed by the gate (hint) and by the area `account` (verification) only.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from tools.errors import NotAllowed, ToolError
from tools.office import Errand
from tools.policy import Assurance
from tools.shared import Shared

MOST_FAILURES = 3
MOST_FAILURES_PER_DAY = 6
REMEMBERED_S = 24 * 3600.0
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
    """What the caller says or enters to prove who they are.

    One of phone and customer number, and one of the two things that only they should know.
    """

    phone: str | None = None
    customer_number: str | None = None
    zip_code: str | None = None
    pin: str | None = None


class Code(BaseModel):
    """A one-time code as the caller entered it."""

    code: str


class Verified(BaseModel):
    """Whether the office agrees."""

    verified: bool
    customer: Customer | None


@dataclass(frozen=True)
class Known:
    """Who is calling, as far as it was known at one moment: a use is about nobody else."""

    customer: Customer | None
    assurance: Assurance


class Identity:
    """Who is calling. `assurance` grows only by what this class itself has seen."""

    def __init__(self, caller_number: str | None, shared: Shared) -> None:
        self._shared = shared
        known = caller_number is not None and E164.fullmatch(caller_number)
        self._number = caller_number if known else None
        self._hint: Customer | None = None
        self._looked_up = False
        self._verified: Customer | None = None
        self._proven = Assurance.NONE
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
            return self._proven
        return Assurance.NUMBER if self._hint else Assurance.NONE

    @property
    def known(self) -> Known:
        """Both, now."""
        return Known(self.customer, self.assurance)

    async def look_up(self, office: Errand) -> None:
        """Learn once whose number is calling. A number of several customers is nobody's."""
        async with self._turn:
            if self._number is None or self._looked_up:
                return
            found = await office.read("/customers", Customers, query={"phone": self._number})
            self._looked_up = True
            if len(found.customers) == 1:
                self._hint = found.customers[0]

    async def verify(
        self,
        office: Errand,
        *,
        customer_number: str | None,
        zip_code: str | None = None,
        pin: str | None = None,
    ) -> None:
        """Prove who is calling by what only they should know.

        Raises:
            NotAllowed: it does not match, too often, or there is nothing to compare with.
        """
        if customer_number is None and self._number is None:
            raise NotAllowed("which_customer", WHO_SAY)
        claim = Claim(
            phone=self._number if customer_number is None else None,
            customer_number=customer_number,
            zip_code=zip_code,
            pin=pin,
        )
        found = await self._proof(
            customer_number,
            lambda: office.read("/customers/verify", Verified, method="POST", body=claim),
        )
        if self._verified is None or found.customer_number != self._verified.customer_number:
            # Whoever turns out to be somebody else has shown no code for them.
            self._verified, self._proven = found, Assurance.KNOWLEDGE

    def still_may_try(self) -> None:
        """Nobody is asked for digits that would not be looked at; raises `NotAllowed` then."""
        if self._failures >= MOST_FAILURES:
            raise NotAllowed("locked", LOCKED_SAY)

    async def verify_code(self, office: Errand, code: str) -> None:
        """Prove that the caller holds the telephone on the account; raises like `verify`."""
        customer = self._verified
        if customer is None:
            raise NotAllowed("not_verified", NO_MATCH_SAY)
        number, path = customer.customer_number, "/customers/{customer}/codes/verify"
        entered = Code(code=code)
        found = await self._proof(
            number,
            lambda: office.read(path, Verified, method="POST", body=entered, customer=number),
        )
        if self._verified is not customer or found.customer_number != number:
            # Somebody else was verified while the digits were entered.
            raise NotAllowed("no_match", NO_MATCH_SAY)
        self._proven = Assurance.CODE

    async def _proof(
        self, customer_number: str | None, ask: Callable[[], Awaitable[Verified]]
    ) -> Customer:
        """Whom the office knows by it. One at a time, so parallel guesses count one by one."""
        async with self._turn:
            self.still_may_try()
            names = await self._guess(customer_number)
            try:
                answer = await ask()
            except (ToolError, TimeoutError, asyncio.CancelledError):
                # Nobody has learned anything: an outage locks no customer out.
                for name in names:
                    await self._shared.add(name, -1, REMEMBERED_S)
                raise
            if answer.verified and answer.customer is not None:
                await self._shared.drop(*names)
                return answer.customer
            self._failures += 1
            self.still_may_try()
            raise NotAllowed("no_match", NO_MATCH_SAY)

    async def _guess(self, customer_number: str | None) -> list[str]:
        """Count one guess about whom it is about and by whoever is calling, over all calls.

        Counted before it is made, so that no two calls share the last one.
        """
        subjects = {subject for subject in (customer_number, self._number) if subject}
        names = [f"guesses:{self._shared.who(subject)}" for subject in sorted(subjects)]
        guesses = [await self._shared.add(name, 1, REMEMBERED_S) for name in names]
        if max(guesses) > MOST_FAILURES_PER_DAY:
            raise NotAllowed("locked", LOCKED_SAY)
        return names
