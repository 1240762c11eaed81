"""Whole calls, as their traces tell them."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.tracing import EXPORT_EVERY_S, FLUSH_TIMEOUT_S
from records import CallView
from tests.integration.realtime.oncall import until
from tests.integration.realtime.scripted import ScriptedModel, serving
from tests.integration.traces.desk import NUMBER, Desk, calling, desk
from tests.integration.traces.receiver import Receiver, receiving

HEARD = "four two seven one"
ANSWERED = "cannot look that up"
# The caller's number without its plus, what was said and answered, what a tool was given.
PERSONAL = (NUMBER[1:], "sip_", HEARD, "(?<![0-9a-f.])4271(?![0-9a-f])", "Acme Bicycles", ANSWERED)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedModel]:
    """The scripted model."""
    with serving(tmp_path_factory.mktemp("model")) as model:
        yield model


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiving() as receiver:
        yield receiver


def spans_in(file: Path) -> list[dict[str, Any]]:
    """The spans in a file of traces."""
    return [
        span
        for line in file.read_text().splitlines()
        for of_resource in json.loads(line)["resourceSpans"]
        for of_scope in of_resource["scopeSpans"]
        for span in of_scope["spans"]
    ]


def found_in(text: str) -> list[str]:
    """What of PERSONAL is in `text`; four digits also turn up within ids and times."""
    return [word for word in PERSONAL if re.search(word, text)]


async def ask_for_an_order(at: Desk) -> CallView:
    """A caller asks, is answered and hangs up; the record of the call."""
    async with calling(at) as caller:
        await at.said("agent")
        await caller.say(f"order {HEARD}")
        await at.said("caller", HEARD)
        await at.said("agent", ANSWERED)
    (record,) = await at.over()
    return record


async def test_a_call_is_one_trace_without_anybodys_data(
    tmp_path: Path, model: ScriptedModel, receiver: Receiver
) -> None:
    """From the offer of the job to its end, at the receiver and on disk, in record and logs."""
    traces = {
        "FRONTDESK_TRACES_OTLP_URL": receiver.url,
        "FRONTDESK_TRACES_OTLP_HEADERS": "authorization=Bearer a-key",
        "FRONTDESK_TRACES_DIR": str(tmp_path / "traces"),
    }
    async with desk(tmp_path, model.base_url, **traces) as at:
        record = await ask_for_an_order(at)
        (file,) = at.files()
        await until(lambda: len(receiver.spans()) == len(spans_in(file)))
        logged = [line["trace_id"] for line in at.log() if line.get("call") == record.call_id]

    spans = spans_in(file)
    parents = {span["spanId"]: span["name"] for span in spans}
    nested = {(parents.get(span.get("parentSpanId", "")), span["name"]) for span in spans}
    assert nested >= {
        (None, "job_entrypoint"),
        ("job_entrypoint", "call"),
        ("call", "answer"),
        ("call", "agent_session"),
        ("call", "record write"),
        ("agent_session", "user_turn"),
        ("agent_session", "agent_turn"),
        ("agent_turn", "realtime_inference"),
        ("agent_turn", "function_tool"),
        ("function_tool", "tool use"),
        ("job_entrypoint", "job_shutdown"),
    }
    assert [name for parent, name in nested if parent is None] == ["job_entrypoint"]
    assert {span["traceId"] for span in spans} == {record.trace_id} == set(logged)
    assert file.stem == record.trace_id
    (use,) = (span for span in spans if span["name"] == "tool use")
    assert {event["name"] for event in use["events"]} == {"try"}
    assert {path for path, _ in receiver.asked} == {"/v1/traces"}
    assert all(headers["authorization"] == "Bearer a-key" for _, headers in receiver.asked)
    left = file.read_text() + b"".join(receiver.bodies).decode("utf-8", errors="replace")
    assert found_in(left) == []
    assert oct(file.stat().st_mode & 0o777) == "0o600"


async def test_a_developer_may_keep_all_of_it(tmp_path: Path, model: ScriptedModel) -> None:
    """Nor would the search above find anything if livekit-agents wrote nothing."""
    traces = {"FRONTDESK_TRACES_DIR": str(tmp_path / "traces"), "FRONTDESK_TRACES_PII": "true"}
    async with desk(tmp_path, model.base_url, **traces) as at:
        await ask_for_an_order(at)
        left = at.files()[0].read_text()

    # What a model heard by itself is in no span of this version.
    assert found_in(left) == [word for word in PERSONAL if word != HEARD]


async def test_a_receiver_that_is_unwell_holds_no_call_up(
    tmp_path: Path, model: ScriptedModel, receiver: Receiver
) -> None:
    """It answers 503, then not at all, then it is gone: lines close at once, processes soon."""

    async def call(number: int) -> tuple[float, float]:
        """Seconds from hanging up to the closed record, and to the end of the process."""
        async with calling(at):
            await at.begun(number)
        hung_up = time.time()
        ended_at = (await at.over(number))[-1].ended_at
        assert ended_at is not None
        return ended_at - hung_up, time.time() - hung_up

    took = []
    async with desk(tmp_path, model.base_url, FRONTDESK_TRACES_OTLP_URL=receiver.url) as at:
        receiver.status = 503
        took.append(await call(1))
        receiver.hangs = True
        took.append(await call(2))
        receiver.leave()
        took.append(await call(3))
        told = [line["event"] for line in at.log() if "spans" in line["event"]]

    assert receiver.asked
    assert receiver.bodies == []
    # Nothing is waited for before the line is closed; a busy machine needs a second for that.
    assert max(closed_s for closed_s, _ in took) < FLUSH_TIMEOUT_S
    assert max(gone_s - closed_s for closed_s, gone_s in took) < FLUSH_TIMEOUT_S + 2.0
    # A call's operator hears of it once.
    assert 3 <= len(told) <= 6


async def test_a_job_that_is_killed_leaves_what_had_left(
    tmp_path: Path, model: ScriptedModel
) -> None:
    """Up to the last second; and the trace of the job that goes on leads back to it."""
    traces = {"FRONTDESK_TRACES_DIR": str(tmp_path / "traces"), "FRONTDESK_IDLE_PROCESSES": "2"}
    async with desk(tmp_path, model.base_url, **traces) as at:
        async with calling(at):
            await at.said("agent")
            said = time.time()
            await until(lambda: time.time() > said + 2 * EXPORT_EVERY_S)
            (died,) = await at.begun()
            os.kill(died.pid, signal.SIGKILL)
            _, goes_on = await at.begun(2)
        await at.over(2)
        first, second = (
            spans_in(next(file for file in at.files() if file.stem == call.trace_id))
            for call in (died, goes_on)
        )

    names = {span["name"] for span in first}
    assert {"answer", "room_connect", "agent_turn", "realtime_inference"} <= names
    assert not {"call", "agent_session"} & names
    (call,) = (span for span in second if span["name"] == "call")
    (link,) = call["links"]
    assert link["traceId"] == died.trace_id
    # The span that died with its job, of which only its children tell.
    assert link["spanId"] in {span.get("parentSpanId") for span in first}
    assert goes_on.resumes == died.call_id
