"""Logs: structured, and without anybody's words or numbers."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from agent.logs import configure_logs

Line = Callable[[], dict[str, object]]


@pytest.fixture
def line() -> Iterator[Line]:
    """The last line that was logged, as data."""
    root = logging.getLogger()
    before, stream = root.handlers[:], io.StringIO()
    configure_logs("info", keep_pii=False, stream=stream)
    yield lambda: dict(json.loads(stream.getvalue().splitlines()[-1]))
    root.handlers[:] = before


def test_the_call_id_is_in_every_line(line: Line) -> None:
    """Also in lines that libraries write."""
    with structlog.contextvars.bound_contextvars(call="c-1"):
        logging.getLogger("livekit.agents").info("something")

    assert line()["call"] == "c-1"


def test_personal_fields_are_dropped(line: Line) -> None:
    """Callers' words stay out of logs unless a setting keeps them."""
    structlog.get_logger("x").info("heard", **{"pii.text": "my secret", "words": 3})

    written = line()

    assert written["words"] == 3
    assert "my secret" not in str(written)


@pytest.mark.parametrize("text", ["sip_+15550001111", "sip_15550001111", "+15550001111", "sip_42"])
def test_numbers_are_masked_wherever_they_stand(line: Line, text: str) -> None:
    """LiveKit names participants after the caller's number."""
    logging.getLogger("livekit").info("joined %s", text, extra={"participant": {"identity": text}})
    written = json.dumps(line())

    assert text not in written
    assert "[number]" in written


def test_ids_stay_readable(line: Line) -> None:
    """Masking must not eat what an operator searches for."""
    logging.getLogger("livekit").info("job", extra={"job_id": "AJ_7xK93mPqRs", "room": "acme_x9"})

    assert line()["job_id"] == "AJ_7xK93mPqRs"
