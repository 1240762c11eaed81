"""The stacks that e2e tests call: real processes, begun once, ended at the end of the run.

`front` has the profile that ships; `brief` greets in a word, answers in three and loses patience
soon, so that calls with faults are short. All tests here share one event loop, the stacks' own.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from shutil import copy

import pytest
import pytest_asyncio

from rehearsal.rehearse import CallScript, Played, load_script, play
from rehearsal.stack import Stack
from tests.e2e.desk import HELPDESK_DID, PATIENCE_S, Desk, kept, open_desk
from tests.e2e.evening import Evening, evening
from tests.e2e.floor import CALLS_AT_ONCE, FLOOR, standing
from tests.e2e.newcomer import Shown, make_call
from tests.e2e.night import Night, night
from tests.e2e.shipped import WORDS_ONLY, profiles, terse
from tests.e2e.tried import Tried, trials
from tests.integration.remote.serving import Tickets, serving
from tools.remote.pins import pins_file

SCRIPT_TIMEOUT_S = 120.0
TAIL_LINES, TAIL_CHARS = 30, 300
WORKER = {"FRONTDESK_IDLE_PROCESSES": "2"}
BEGUN = ("newcomer", "evening", "night", "trials", "shows")
# Stacks first: each starts while nobody is on the phone, so calls begin when all of them stand.
BACKGROUND = ("brief_stack", "front_stack", *BEGUN)
_standing: list[Stack] = []
_evenings: "list[asyncio.Task[Evening]]" = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of them: the stacks live on it."""
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    for item in ours:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    # Side by side to the end: first what is called alone, last what others of them have begun.
    items.sort(key=lambda item: _awaits(item) if item in ours else 0)
    ours.sort(key=_awaits)
    # What takes long and little of the machine begins before the first test, if any asks for it.
    for slow in reversed(BACKGROUND) if CALLS_AT_ONCE > 1 else ():
        if any(slow in names_of(item) for item in ours):
            names_of(ours[0]).insert(0, slow)


def _awaits(item: pytest.Item) -> int:
    if any(begun in names_of(item) for begun in BEGUN):
        return 2
    return 1 if "calls" in names_of(item) else 0


def names_of(item: pytest.Item) -> list[str]:
    """The names of the fixtures that a test gets."""
    assert isinstance(item, pytest.Function)
    return item.fixturenames


def patient(script: CallScript) -> CallScript:
    """The script with a caller who waits through "one moment", as people do."""
    caller = script.caller.model_copy(update={"silence_s": PATIENCE_S})
    return script.model_copy(update={"caller": caller})


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="front_stack")
async def _front_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with standing(tmp_path_factory.mktemp("front"), worker_env=WORKER) as stack:
        _standing.append(stack)
        yield stack


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="tickets")
async def _tickets(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tickets]:
    """An MCP server, and the profile of a second line of `brief` which names it."""
    line = {
        "name": "helpdesk",
        "numbers": [HELPDESK_DID],
        "opening": "Hello.",
        "recording": WORDS_ONLY,
    }
    async with serving(tmp_path_factory.mktemp("tickets"), "helpdesk.yaml", line) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="brief_stack")
async def _brief_stack(
    tmp_path_factory: pytest.TempPathFactory, tickets: Tickets
) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("brief")
    brief = profiles(
        folder / "profiles",
        opening="Hello.",
        limits={"caller_silence_s": 4, "silence_prompts": 1, "max_duration_s": 60},
    )
    for file in (tickets.profile, pins_file(tickets.profile)):
        copy(file, brief)
    brain = terse(folder / "brain.yaml")
    async with standing(folder / "stack", profiles=brief, brain=brain, worker_env=WORKER) as stack:
        _standing.append(stack)
        yield stack


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="shows")
async def _shows(
    request: pytest.FixtureRequest, front_stack: Stack
) -> AsyncIterator[dict[str, "asyncio.Task[Played]"]]:
    """Every script that is asked for, played one after the other; awaited by its name."""
    one_at_a_time = asyncio.Lock()

    async def played(name: str) -> Played:
        async with one_at_a_time, FLOOR.call(first=True), asyncio.timeout(SCRIPT_TIMEOUT_S):
            return await play(front_stack, patient(load_script(name)))

    asked = [item for item in request.session.items if "shows" in names_of(item)]
    names = [item.callspec.params["script"] for item in asked if hasattr(item, "callspec")]
    async with kept({name: asyncio.create_task(played(name)) for name in names}) as shows:
        yield shows


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="evening")
async def _evening(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["asyncio.Task[Evening]"]:
    """The evening of a small desk, begun."""
    folder = tmp_path_factory.mktemp("small")
    async with kept({"evening": asyncio.create_task(evening(folder))}) as tasks:
        _evenings.append(tasks["evening"])
        yield tasks["evening"]


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="night")
async def _night(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["asyncio.Task[Night]"]:
    """The night of a small desk, which begins when the evening has ended, if there is one."""
    folder = tmp_path_factory.mktemp("night")
    async with kept({"night": asyncio.create_task(night(folder, after=_evenings))}) as tasks:
        yield tasks["night"]


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="trials")
async def _trials(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["asyncio.Task[Tried]"]:
    """Every row of the table of faults, once, begun."""
    folder = tmp_path_factory.mktemp("trials")
    async with kept({"trials": asyncio.create_task(trials(folder))}) as tasks:
        yield tasks["trials"]


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="newcomer")
async def _newcomer(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator["asyncio.Task[Shown]"]:
    """`make call` of somebody who has done nothing before, begun."""
    folder = tmp_path_factory.mktemp("newcomer")
    async with kept({"newcomer": asyncio.create_task(make_call(folder))}) as tasks:
        yield tasks["newcomer"]


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="brief")
async def _brief(brief_stack: Stack) -> AsyncIterator[Desk]:
    async with open_desk(brief_stack) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _stacks_stand() -> Iterator[None]:
    """A part that dies fails the test under which it died, with the end of its log."""
    yield
    for stack in _standing:
        if stack.died.done():
            raise stack.died.result()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say where everything lies when a test fails; the worker's log holds nobody's words."""
    report = yield
    if report.failed:
        for stack in _standing:
            log = stack.log("worker")
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            tail = "\n".join(line[:TAIL_CHARS] for line in lines[-TAIL_LINES:])
            report.sections.append((f"worker of the stack in {stack.folder}", tail))
    return report
