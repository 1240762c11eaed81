"""Logs: structured, and without anybody's words or numbers."""

import json
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog

import tools.remote.wire  # noqa: F401 - brings the SDK, and silences it
from agent.logs import bind_call
from tests.observed import logged

Line = Callable[[], dict[str, object]]


@pytest.fixture
def line() -> Iterator[Line]:
    """The last line that was logged, as data."""
    with logged() as stream:
        yield lambda: dict(json.loads(stream.getvalue().splitlines()[-1]))


def test_the_call_id_is_in_every_line(line: Line) -> None:
    """Also in lines that libraries write, and in those of their threads."""
    bind_call("c-1")
    thread = threading.Thread(target=logging.getLogger("livekit").info, args=("something",))
    thread.start()
    thread.join()

    assert line()["call"] == "c-1"


def test_so_is_the_id_of_its_trace(line: Line) -> None:
    """Whole, whatever digits are in it; and only while there is one."""
    bind_call("c-1", "0123456789" * 3 + "01")
    logging.getLogger("livekit").info("something")
    traced = line()
    bind_call("c-2")
    logging.getLogger("livekit").info("something")

    assert traced["trace_id"] == "0123456789" * 3 + "01"
    assert "trace_id" not in line()


def _fail() -> None:
    known: dict[str, str] = {}
    try:
        known["my secret"]
    except KeyError as error:
        raise ValueError("my card is 4111") from error


@pytest.mark.parametrize("told_by", ["a library", "us"])
def test_an_exception_is_told_by_type_and_place(line: Line, told_by: str) -> None:
    """Its message may quote the caller."""
    try:
        _fail()
    except ValueError:
        if told_by == "us":
            structlog.get_logger("x").exception("it failed")
        else:
            logging.getLogger("livekit.agents").exception("it failed")

    written = line()

    assert written["error"] == "ValueError from KeyError"
    assert "test_logs.py" in str(written["trace"])
    assert "4111" not in str(written)
    assert "secret" not in str(written)


def test_a_group_of_exceptions_is_told_by_its_first(line: Line) -> None:
    """A task group wraps what went wrong in it."""
    error = ExceptionGroup("tasks", [OSError("disk"), KeyError("x")])
    structlog.get_logger("x").error("it failed", exc_info=error)

    assert line()["error"] == "OSError"


@pytest.mark.parametrize("name", ["mcp.client.streamable_http", "client"])
def test_what_servers_of_tools_say_is_not_logged(line: Line, name: str) -> None:
    """Their SDK quotes them at every level."""
    structlog.get_logger("x").info("before")
    logging.getLogger(name).critical("Unexpected content type: my secret")

    assert line()["event"] == "before"


def test_the_setting_that_keeps_personal_fields_keeps_messages() -> None:
    """A developer on their own machine wants to read them."""
    with logged(keep_pii=True) as stream:
        logging.getLogger("x").error("it failed", exc_info=ValueError("my secret"))

    assert "my secret" in stream.getvalue()


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


def test_a_dead_socket_fills_no_disk(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tells of each lost chunk of sound, a hundred a second; once a second will do."""
    at_s = 1_000.0
    monkeypatch.setattr("logging.time.time", lambda: at_s)
    monkeypatch.setattr("logging.time.time_ns", lambda: round(at_s * 1e9), raising=False)
    library = logging.getLogger("livekit.agents")
    for chunk in range(250):
        at_s = 1_000.0 + chunk / 100
        library.error("failed to send event", exc_info=OSError("gone"), extra={"chunk": chunk})
        if chunk == 0:
            library.error("something else", exc_info=OSError("gone"))

    assert line()["chunk"] == 200


def test_a_name_that_the_model_invents_is_not_told(line: Line) -> None:
    """It may be what the caller said; that somebody invented one is news enough."""
    library = logging.getLogger("livekit.agents")
    library.warning(
        "unknown AI function `my_pin_is_secret`", extra={"function": "my_pin_is_secret"}
    )

    assert "secret" not in str(line())
    assert str(line()["event"]).startswith("unknown AI function")


def test_the_end_of_a_room_is_no_error(line: Line) -> None:
    """Whoever is paged for errors sleeps through good calls; other errors of rtc stay errors."""
    rtc = logging.getLogger("livekit")
    rtc.error("rtc_session - publisher data channel '_reliable' closed unexpectedly")
    assert line()["level"] == "info"

    rtc.error("rtc_session - publisher transport failed")
    assert line()["level"] == "error"
