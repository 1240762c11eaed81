"""The stacks that e2e tests call: real processes, begun once, ended at the end of the run.

`front` has the profile that ships; `brief` greets in a word and loses patience soon, so that calls
with faults are short. All tests here share one event loop, the stacks' own.
"""

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from rehearsal.stack import Stack
from rehearsal.stack.layout import PROFILES
from tests.e2e.desk import Desk, open_desk

LINES = 3
TAIL_LINES, TAIL_CHARS = 30, 300
WORKER = {"FRONTDESK_IDLE_PROCESSES": "2"}
_standing: list[Stack] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of them: the stacks live on it."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def profiles(folder: Path, **changed: object) -> Path:
    """A folder with the shipped profile, some of it changed."""
    folder.mkdir()
    shipped = yaml.safe_load((PROFILES / "acme.yaml").read_text(encoding="utf-8"))
    (folder / "acme.yaml").write_text(yaml.safe_dump({**shipped, **changed}), encoding="utf-8")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="front_stack")
async def _front_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack.start(tmp_path_factory.mktemp("front"), worker_env=WORKER) as stack:
        _standing.append(stack)
        yield stack


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="brief_stack")
async def _brief_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("brief")
    brief = profiles(
        folder / "profiles",
        opening="Hello.",
        limits={"caller_silence_s": 2.5, "silence_prompts": 1, "max_duration_s": 60},
    )
    async with Stack.start(folder / "stack", profiles=brief, worker_env=WORKER) as stack:
        _standing.append(stack)
        yield stack


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="front")
async def _front(front_stack: Stack) -> AsyncIterator[Desk]:
    async with open_desk(front_stack) as desk:
        yield desk


@pytest_asyncio.fixture(scope="session", loop_scope="session", name="brief")
async def _brief(brief_stack: Stack) -> AsyncIterator[Desk]:
    async with open_desk(brief_stack, lines=LINES) as desk:
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
