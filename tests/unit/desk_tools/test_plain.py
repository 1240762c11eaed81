"""What imported tools say and send, and the seams of the office that they need."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr, TypeAdapter

from tests.unit.desk_tools.desk import Desk
from tests.unit.desk_tools.fake_office import FakeOffice, answer, cut
from tools import CallFacts, Office, plain
from tools.answers import Nothing, Settled, settled_answer
from tools.call import Call
from tools.errors import BadAnswer, OfficeDown, OfficeRefused
from tools.heard import contains, normal_words
from tools.policy import Effect, Policy
from tools.typed import one_line, one_segment, sayable

FOREIGN = Policy(effect=Effect.WRITE, gives_code=False)
WRITES = Policy(effect=Effect.WRITE, tries=1, honours_key=False)
ARGUMENTS = {
    "number": "4302",
    "line 2": "5",
    "day": date(2027, 6, 7),
    "at": datetime(2027, 6, 7, 16, 30, tzinfo=UTC),
    "urgent": True,
    "kind": "staff_only",
    "amount": 12.5,
    "count": 3,
    "text": "48 Lake Street, 2nd floor",
    "left out": None,
}


def call_in(zone: str) -> Call:
    """A call to a company there; nothing else of it is asked for."""

    class Here:
        facts = CallFacts("call-1", None, "en", datetime.now(UTC), zone)

    return cast(Call, Here())


def test_a_read_back_names_every_argument_so_that_it_can_be_heard() -> None:
    """Neighbours do not run into each other, and times are the company's."""
    asked = plain.ask(call_in("America/Los_Angeles"), "send order", ARGUMENTS)

    assert len(asked.values) == 1 + len(ARGUMENTS) - 1
    assert [v for v in asked.values if not contains(normal_words(asked.say), v)] == []
    assert "the at is Monday, June 7th, 2027 at 9 30 in the morning" in asked.say
    assert asked.say.startswith("Shall I do this: send order? The number is 4 3 0 2, and the line")


def test_a_read_back_without_arguments_names_the_action() -> None:
    """Which is all there is to agree to."""
    asked = plain.ask(call_in("UTC"), "close account", {})

    assert asked.say == "Shall I do this: close account? Please say yes or no."
    assert asked.values == ("close account",)


def test_values_stand_in_an_address_as_apis_expect_them() -> None:
    """ISO times, small words for yes and no, and nothing for what is not given."""
    one = UUID(int=1)
    given = {"a": True, "b": date(2027, 6, 7), "c": 5, "d": None, "e": one, "f": "x"}

    assert plain.query(given) == {
        "a": "true",
        "b": "2027-06-07",
        "c": "5",
        "e": str(one),
        "f": "x",
    }


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (one_line, "a\nb"),
        (sayable, "..."),
        (sayable, "\u5317"),
        (one_segment, ".."),
        (one_line, "\x1b"),
    ],
)
def test_text_that_nobody_can_say_is_no_argument(check: Callable[[str], str], text: str) -> None:
    """Nor is what would lead elsewhere in a path."""
    with pytest.raises(ValueError, match=r"it|write"):
        check(text)


async def test_a_path_is_filled_by_one_segment_only(desk: Desk) -> None:
    """Two dots out of a model would ask the office for something else."""
    async with Office("http://office", SecretStr("k"), transport=desk.office.transport()) as office:
        for part in ("", ".", ".."):
            with pytest.raises(ValueError, match="one segment"):
                await office.errand(Policy()).read("/orders/{order}", Nothing, order=part)

    assert desk.office.requests == []


async def test_an_answer_without_a_body_is_a_success() -> None:
    """204 says all there is to say; a query goes along."""
    fake, seen = FakeOffice(), []

    async def gone(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(204)

    fake.troubles.append(("DELETE", gone))
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        errand = office.errand(WRITES)
        await errand.write("DELETE", "/a/{id}", Nothing, key="k", query={"x": "y z"}, id="7")

    assert (seen, errand.changed, errand.unsettled) == (["http://office/a/7?x=y+z"], True, False)


async def test_a_refusal_is_one_without_a_body_as_well() -> None:
    """Only the success matters; a no is told by its code."""
    fake = FakeOffice()
    fake.troubles.append(("DELETE", answer(409, json={"code": "in_use"})))
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        with pytest.raises(OfficeRefused):
            await office.errand(WRITES).write("DELETE", "/a", Nothing, key="k")


@pytest.mark.parametrize("status", [404, 409, 410, 422])
async def test_a_no_after_a_lost_try_settles_nothing(status: int) -> None:
    """The try before may be at work still, so its key is fenced before anybody says no."""
    fake = FakeOffice()
    fake.troubles += [("POST", cut), ("POST", answer(status, json={"error": "Conflict"}))]
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        errand = office.errand(FOREIGN)
        with pytest.raises(OfficeDown):
            await errand.write("POST", "/a", Nothing, key="k")

    assert errand.fenced
    assert fake.operations["k"] == {"state": "fenced"}


async def test_a_no_to_doing_it_twice_is_not_told_of_what_was_done() -> None:
    """What was deleted by the try that got lost is not there for the next one."""
    fake = FakeOffice()
    fake.operations["k"] = {"state": "done", "status": 204, "answer": None}
    nobody = ("GET", answer(503))
    fake.troubles += [("POST", cut), nobody, ("POST", answer(404, json={"error": "Gone"}))]
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        errand = office.errand(FOREIGN)
        await errand.write("POST", "/a", Nothing, key="k")

    assert (errand.changed, errand.unsettled) == (True, False)


async def test_a_no_that_got_lost_is_a_no() -> None:
    """The office knows it by the key; it has no code there either."""
    fake = FakeOffice()
    fake.operations["k"] = {"state": "done", "status": 422, "answer": {"error": "Taken"}}
    fake.troubles.append(("POST", cut))
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        errand = office.errand(FOREIGN)
        with pytest.raises(OfficeRefused):
            await errand.write("POST", "/a", Nothing, key="k")

    assert not errand.unsettled


async def test_who_is_calling_is_asked_in_our_own_form() -> None:
    """Whatever the back end speaks that a tool is for: a missing page names no customer."""
    fake = FakeOffice()
    fake.troubles.append(("GET", answer(404, text="<h1>Not Found</h1>")))
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        with pytest.raises(BadAnswer):
            await office.errand(FOREIGN).apart().read("/customers", Nothing)


@pytest.mark.parametrize(("gives_code", "raises"), [(True, BadAnswer), (False, OfficeRefused)])
async def test_a_no_without_a_code_is_one_only_where_that_is_known(
    *, gives_code: bool, raises: type[Exception]
) -> None:
    """Our own office gives codes: there, a page of some proxy is no word of the office."""
    fake = FakeOffice()
    fake.troubles.append(("GET", answer(404, text="<h1>Not Found</h1>")))
    async with Office("http://office", SecretStr("k"), transport=fake.transport()) as office:
        with pytest.raises(raises):
            await office.errand(Policy(gives_code=gives_code)).read("/a", Nothing)


def test_a_settled_no_without_a_code_is_a_no() -> None:
    """What the first answer was, where no code is given."""
    found = Settled(key="k", state="done", status=422, answer={"error": "Taken"})

    with pytest.raises(OfficeRefused):
        settled_answer(found, Nothing, gives_code=False)


def test_a_settled_write_without_a_body_is_a_success() -> None:
    """Its first answer was empty."""
    found = Settled(key="k", state="done", status=204)

    assert settled_answer(found, Nothing) == Nothing()


def test_foreign_text_reaches_a_model_on_one_line_and_not_long() -> None:
    """An answer may hold anything; it is no place for pages of instructions."""
    read = TypeAdapter(plain.Text).validate_python("a\nb\x1b" + "c" * 1000, strict=True)

    assert read.startswith("a b ccc")
    assert len(read) <= plain.LONGEST_TEXT + 4
