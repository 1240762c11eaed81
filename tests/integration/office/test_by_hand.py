"""`python -m tools`: what operators and staff do about writes and promises, as they would."""

import asyncio
import json
import sys

import pytest

from tests.integration.office.books import LONG_PAST_S, Books
from tests.integration.office.conftest import Running
from tests.integration.office.talk import left_in_doubt, mended
from tools.reconcile import HANDED_OVER_AFTER_S, End


async def tools(environment: dict[str, str], *words: str) -> tuple[int, str, str]:
    """`python -m tools WORDS`: exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools", *words),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("there", "exit_code", "says"),
    [(True, 0, "1 found done, 0 not done"), (False, 2, "handed to the staff, 1 still open")],
)
async def test_an_operator_can_reconcile_by_hand(
    books: Books, office: Running, *, there: bool, exit_code: int, says: str
) -> None:
    """What stays open is told by a number and by the exit code."""
    # The command has no clock but its own: begun long ago.
    books.clock.ahead_s = -LONG_PAST_S
    await left_in_doubt(books, office, "commit_then_drop")
    await mended(office)
    url = office.url if there else "http://127.0.0.1:9"

    told = await tools({**books.environment(), "FRONTDESK_OFFICE_URL": url}, "reconcile")

    assert (told[0], told[2]) == (exit_code, "")
    assert says in told[1]


@pytest.mark.parametrize("access", ["postgresql"], indirect=True)
async def test_staff_see_what_is_to_do_and_note_it_done(books: Books) -> None:
    """In words for people, as JSON for machines."""
    await books.follow_ups.open(
        call_id="call-1", kind="callback", words={"about": "a bent wheel"}, promised_for=1.8e9
    )
    environment = books.environment()

    shown = await tools(environment, "follow-ups", "list")
    (to_do,) = json.loads((await tools(environment, "follow-ups", "list", "--format", "json"))[1])
    done = await tools(environment, "follow-ups", "done", to_do["id"])
    again = await tools(environment, "follow-ups", "done", to_do["id"])

    assert "a bent wheel" in " ".join(shown[1].split())
    assert to_do["words"] == {"about": "a bent wheel"}
    assert done == (0, "", "")
    assert (again[0], again[1]) == (1, "")
    assert to_do["id"] in again[2]
    assert (await tools(environment, "follow-ups", "list"))[1] == "nothing to do\n"


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_what_only_staff_could_find_out_is_settled_by_them(
    books: Books, office: Running
) -> None:
    """Else the wish would be in doubt for ever; what became of it has to be said."""
    await left_in_doubt(books, office, "commit_then_drop")
    books.clock.ahead_s = HANDED_OVER_AFTER_S + 1
    assert await books.reconciled() == {End.HANDED_OVER: 1}
    (to_do,) = await books.follow_ups.all()
    environment = books.environment()

    unsaid = await tools(environment, "follow-ups", "done", to_do.id)
    said = await tools(environment, "follow-ups", "done", to_do.id, "--was", "done")

    assert unsaid[0] == 1
    assert "--was done or --was not-done" in unsaid[2]
    assert said == (0, "", "")
    assert await books.ledger.unsettled() == 0
    assert await books.follow_ups.all() == []


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_with_another_key_staff_see_what_is_to_do_and_nothing_is_written(
    books: Books,
) -> None:
    """Who set it wrong reads how to mend it; what they would write, nobody else could open."""
    await books.follow_ups.open(call_id="call-1", kind="callback", words={"about": "a wheel"})
    wrong = {**books.environment(), "FRONTDESK_RECORDS_KEY": "A" * 43 + "="}
    wrong["FRONTDESK_OFFICE_URL"] = "http://127.0.0.1:9"

    shown = await tools(wrong, "follow-ups", "list")
    written = await tools(wrong, "reconcile")

    assert (shown[0], shown[2]) == (0, "")
    assert "sealed with another key" in shown[1]
    assert written[:2] == (1, "")
    assert written[2].splitlines() == [written[2].strip()]
    assert "set FRONTDESK_RECORDS_KEY to the key it was begun with" in written[2]


@pytest.mark.parametrize("access", ["sqlite"], indirect=True)
async def test_what_a_model_wrote_cannot_play_tricks_on_a_terminal(books: Books) -> None:
    """No moved cursor, no line that looks like another promise."""
    about = "hello\x1b[2J\nf0000000  callback, opened today"
    await books.follow_ups.open(call_id="call-1", kind="callback", words={"about": about})

    shown = (await tools(books.environment(), "follow-ups", "list"))[1]

    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2
