"""The table of parts: order, environment, commands."""

from pathlib import Path

import pytest

from agent.settings import Settings as WorkerSettings
from rehearsal.settings import StackSettings
from rehearsal.stack import EVERYTHING, SERVERS, ProgramMissing
from rehearsal.stack.layout import Layout
from rehearsal.stack.parts import NEEDS, Part, environment, in_ending_order, table, with_needs
from rehearsal.stack.ports import Ports

PORTS = Ports(
    redis=1, livekit=2, livekit_tcp=3, livekit_udp=4, sip=5, rtp=600, office=7, model=8, watch=9,
    worker=10, metrics=11,
)  # fmt: skip


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack on paper."""
    return Layout(folder=tmp_path, ports=PORTS)


def worker(layout: Layout, **env: str) -> Part:
    """The worker's part; the servers it needs are never looked for."""
    settings = everything_is(Path("/bin/sh"))
    return table(layout, worker_env=env, settings=settings, wanted=["worker"])["worker"]


def everything_is(program: Path) -> StackSettings:
    """Settings that name one program for every server."""
    return StackSettings(livekit_server=program, livekit_sip=program, redis_server=program)


def test_a_part_comes_after_what_it_needs() -> None:
    """The order of the table is an order to start in."""
    order = with_needs(EVERYTHING)

    assert set(order) == set(EVERYTHING)
    assert all(order.index(need) < order.index(name) for name in order for need in NEEDS[name])


def test_a_part_brings_what_it_needs() -> None:
    """Whoever asks for a worker gets a server for it."""
    assert with_needs(["worker"]) == ["redis", "livekit-server", "worker"]


def test_an_unknown_part_is_refused_with_the_known_ones() -> None:
    """A misspelt part is a mistake of the caller, not an empty stack."""
    with pytest.raises(ValueError, match=r"no part 'workr': there are redis, livekit-server"):
        with_needs(["workr"])


def test_calls_end_before_the_servers_and_redis_ends_last() -> None:
    """The worker must still reach everything while it finishes its calls."""
    waves = in_ending_order([*SERVERS, "worker", "office"])

    assert waves == [["livekit-sip", "worker"], ["livekit-server", "office"], ["redis"]]


def test_a_developers_own_settings_do_not_reach_a_part() -> None:
    """A real OPENAI_API_KEY must not be spent by a rehearsal; nor does it go through a proxy."""
    proxies = {"HTTPS_PROXY": "http://proxy", "http_proxy": "http://proxy"}
    shell = {"OPENAI_API_KEY": "sk-real", "FRONTDESK_LOG_PII": "1", "PATH": "/bin", **proxies}
    got = environment(Part(name="x", command=("x",), ready=None, env={"A": "b"}), shell)

    assert got["PATH"] == "/bin"
    assert got["A"] == "b"
    assert not (set(shell) - {"PATH"}) & set(got)


def test_the_worker_gets_only_settings_it_knows(layout: Layout) -> None:
    """A renamed setting of the worker would otherwise silently fall back to its default."""
    known = {str(f.validation_alias) for f in WorkerSettings.model_fields.values()}
    others = {"FRONTDESK_OFFICE_URL", "FRONTDESK_OFFICE_KEY"}
    others |= {"FRONTDESK_RECORDS_URL", "FRONTDESK_RECORDS_KEY", "FRONTDESK_REDIS_URL"}
    others |= {"FRONTDESK_RECORDS_SPOOL"}
    others |= {"FRONTDESK_RECORDINGS_URL", "FRONTDESK_RECORDINGS_WAITING"}

    assert set(worker(layout).env) <= known | others


def test_the_worker_can_be_given_other_settings(layout: Layout) -> None:
    """Fault tests and real keys come in here, over the stack's own."""
    assert worker(layout, FRONTDESK_MAX_CALLS="1").env["FRONTDESK_MAX_CALLS"] == "1"
    assert worker(layout, OPENAI_API_KEY="other").env["OPENAI_API_KEY"] == "other"


def test_a_setting_that_names_no_program_is_said(layout: Layout, tmp_path: Path) -> None:
    """The sentence names the variable, the value and the fix."""
    settings = everything_is(tmp_path / "nothing")

    with pytest.raises(ProgramMissing, match=r"FRONTDESK_REDIS_SERVER=.*nothing is no program"):
        table(layout, worker_env={}, settings=settings, wanted=["redis"])


def test_a_program_that_is_nowhere_is_said(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a setting and off PATH, set-up is the fix."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FRONTDESK_REDIS_SERVER", raising=False)

    with pytest.raises(ProgramMissing, match=r"redis-server is not on this machine.*make setup"):
        table(layout, worker_env={}, settings=StackSettings(), wanted=["redis"])
