"""Plays one call script on a standing stack and gathers everything that is known of the call.

The edge of the rehearsal: phones, asks the office and the worker over HTTP, reads the record.
Used by `make call`, the e2e tests and the benchmark.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from records import CallView
from records.reading import Wanted
from rehearsal.phone.caller import CallerResult, run_caller
from rehearsal.phone.events import PhoneEvent
from rehearsal.phone.measure import Measures, measure
from rehearsal.rehearse.callscript import CallScript
from rehearsal.rehearse.goal import Effect, Finding, judge
from rehearsal.stack import Stack, memory
from rehearsal.stack.calls import Calls, open_calls

HTTP_TIMEOUT_S = 5.0
# The worker closes its record within its own limits after the line is down.
RECORD_TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Played:
    """One call that was made: what the phone measured, what the worker wrote, what was judged."""

    script: CallScript
    result: CallerResult
    measures: Measures
    record: CallView | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def met(self) -> bool:
        """Whether the caller got what they called for."""
        return self.result.gave_up is None and all(finding.met for finding in self.findings)


async def play(
    stack: Stack,
    script: CallScript,
    *,
    on_event: Callable[[PhoneEvent], None] = lambda _: None,
) -> Played:
    """Make the call of `script` on `stack` and judge it; a fresh office before, no fault after.

    Raises:
        CallFailed, CannotSpeak, CannotPlay: the phone cannot do what the script says.
        httpx.HTTPError: office or model do not answer.
    """
    async with (
        _client(stack.office_url, stack.office_key) as office,
        _client(stack.model_url) as model,
        open_calls(stack.records) as calls,
    ):
        since = await _prepare(office, model, script)
        await memory.forget(stack)
        before = await calls.ids(Wanted())
        result = await run_caller(script.caller, proxy=stack.sip_address, on_event=on_event)
        record = await _record(calls, before) if result.call.code == 200 else None
        # Only now: a tool that was still waiting for the office would see its fault end early.
        (await office.delete("/rehearsal/faults")).raise_for_status()
        findings = judge(
            script.goal,
            sip_status=result.call.code or 0,
            call=record,
            effects=await _effects(office, since),
            office=await _facts(office, script),
            follow_ups=await memory.follow_ups(stack),
        )
    return Played(script, result, measure(result.call), record, findings)


def _client(url: str, key: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=HTTP_TIMEOUT_S, trust_env=False)


async def _prepare(office: httpx.AsyncClient, model: httpx.AsyncClient, script: CallScript) -> int:
    """Put the office back to its first day, order the faults; the id of the latest effect."""
    (await office.post("/rehearsal/restore")).raise_for_status()
    for fault in script.faults.office:
        body = fault.model_dump(mode="json", exclude_none=True)
        (await office.post("/rehearsal/faults", json=body)).raise_for_status()
    if script.faults.model:
        body = script.faults.model.model_dump(mode="json", exclude_unset=True)
        (await model.post("/rehearsal/next", json=body)).raise_for_status()
    effects = (await office.get("/rehearsal/effects")).raise_for_status().json()["effects"]
    return max((effect["id"] for effect in effects), default=0)


async def _effects(office: httpx.AsyncClient, since: int) -> list[Effect]:
    answer = (await office.get("/rehearsal/effects", params={"since": since})).raise_for_status()
    return [
        Effect(operation=effect["operation"], subject=effect["subject"])
        for effect in answer.json()["effects"]
    ]


async def _facts(office: httpx.AsyncClient, script: CallScript) -> dict[str, dict[str, Any]]:
    """What the office holds; of a path that it does not know, nothing."""
    answers = {told.path: await office.get(told.path) for told in script.goal.told}
    return {path: answer.json() if answer.is_success else {} for path, answer in answers.items()}


async def _record(calls: Calls, before: Sequence[str]) -> CallView | None:
    """The call just made, once its record is closed; the first of it, if another job went on."""
    try:
        async with asyncio.timeout(RECORD_TIMEOUT_S):
            while True:
                new = [one for one in await calls.ids(Wanted(ended=True)) if one not in before]
                if new:
                    return await calls.call(new[-1])
                await asyncio.sleep(0.1)
    except TimeoutError:
        return None
