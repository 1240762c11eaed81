"""What a soak leaves, once everything is where it belongs: records, series, and nothing waiting."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from records import CallView
from records.ledger import NotKept
from records.opened import open_record
from records.reading import Wanted
from rehearsal.soak.series import Difference, differences, recorded, scraped
from rehearsal.stack import Stack

# The parent looks every 5 s for what dead jobs have left, every 2 s for what a call has cost.
SETTLED_WITHIN_S = 45.0
LOOK_AGAIN_S = 1.0
HTTP_TIMEOUT_S = 5.0
PENDING = "frontdesk_records_pending"


@dataclass(frozen=True)
class Left:
    """What there is at the end."""

    calls: tuple[CallView, ...] = ()
    differences: tuple[Difference, ...] = ()
    waiting: tuple[str, ...] = ()
    """What is not where it belongs, in words."""
    compared: int = 0
    """How many series were compared."""

    @property
    def settled(self) -> bool:
        """Whether nothing differs and nothing waits."""
        return not self.differences and not self.waiting


async def left(stack: Stack) -> Left:
    """Look again, SETTLED_WITHIN_S at most, until nothing differs and nothing waits."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLED_WITHIN_S
    async with httpx.AsyncClient(timeout=HTTP_TIMEOUT_S, trust_env=False) as client:
        while True:
            found = await _look(stack, client)
            if found.settled or loop.time() > until:
                return found
            await asyncio.sleep(LOOK_AGAIN_S)


async def _look(stack: Stack, client: httpx.AsyncClient) -> Left:
    waiting = [f"{file} still lies in {folder.name}" for folder, file in _lying_about(stack)]
    try:
        async with open_record(stack.records) as record:
            calls = tuple([call async for call in record.reader.calls(Wanted())])
    except NotKept as error:
        return Left(waiting=(*waiting, f"the record cannot be read: {error}"))
    waiting += unfinished(calls)
    text = (await client.get(stack.metrics_url)).raise_for_status().text
    if pending := _pending(text):
        waiting.append(f"{PENDING} is {pending:g}")
    counted, from_records = scraped(text), recorded(calls)
    return Left(
        calls=calls,
        differences=tuple(differences(counted, from_records)),
        waiting=tuple(waiting),
        compared=len(counted.keys() | from_records.keys()),
    )


def unfinished(calls: Iterable[CallView]) -> Iterator[str]:
    """What records still wait for, in words: their end, or their cost."""
    for call in calls:
        if call.outcome is None:
            yield f"the record of {call.call_id} is open"
        elif call.tokens and not call.cost:
            yield f"the cost of {call.call_id} is not worked out"


def _lying_about(stack: Stack) -> Iterator[tuple[Path, str]]:
    for folder in (stack.spool, stack.recordings_waiting):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                yield folder, file.name


def _pending(text: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == PENDING
    )
