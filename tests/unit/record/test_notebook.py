"""Every use of a tool comes into the record, and no caller waits for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from records.ledger import Noted, NotKept
from records.notebook import MOST_WAITING, Notebook, open_notebook

USE = Noted(
    call_id="c",
    tool="look_up_order",
    outcome="ok",
    reason="",
    arguments={"order": "4271"},
    began_at=1.8e9,
    duration_s=0.1,
)


@dataclass
class Page:
    """What was written, transaction by transaction; out of order for so many of them."""

    written: list[list[Noted]] = field(default_factory=list)
    fails: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, uses: Sequence[Noted]) -> None:
        """See `Notes`."""
        if self.fails:
            self.fails -= 1
            raise NotKept("out of order")
        self.written.append(list(uses))
        self.done.set()


async def test_uses_of_one_moment_are_one_transaction() -> None:
    """A disk that is waited for once."""
    page = Page()
    async with asyncio.timeout(5), open_notebook(page) as tell:
        for _ in range(3):
            tell(USE)
        await page.done.wait()

    assert page.written == [[USE] * 3]


async def test_what_is_told_last_is_written_too() -> None:
    """The call ends at once after it."""
    page = Page()
    async with open_notebook(page) as tell:
        tell(USE)

    assert page.written == [[USE]]


async def test_what_could_not_be_written_is_tried_again() -> None:
    """A database that is back gets all of it, in its order."""
    page = Page(fails=1)
    notebook = Notebook(page)
    notebook.tell(USE)
    assert not await notebook.write()
    notebook.tell(USE)

    assert await notebook.write()
    assert page.written == [[USE] * 2]
    assert notebook.lost == 0


async def test_what_can_never_be_written_is_counted() -> None:
    """And a model in a loop fills no memory."""
    notebook = Notebook(Page(fails=10**6))
    for _ in range(MOST_WAITING + 5):
        notebook.tell(USE)
    await notebook.close()

    assert notebook.lost == MOST_WAITING + 5
