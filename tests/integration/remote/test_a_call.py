"""A call offers what its profile says of MCP servers, as the worker read it at its start."""

import base64
import pickle
import ssl
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from agent.call import Call
from agent.profile import Profile, load_profiles
from records import keep
from records.settings import RecordsAccess
from records.upgrade import upgrade
from sip import Caller
from tests.integration.remote.serving import Tickets


@pytest.fixture
async def profile(tickets: Tickets, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A whole profile, and the settings of a worker."""
    declared = yaml.safe_load(tickets.profile.read_text(encoding="utf-8"))
    whole = {"name": "acme", "numbers": ["+15557654321"], "opening": "Hello.", **declared}
    tickets.profile.write_text(yaml.safe_dump(whole), encoding="utf-8")
    folder = tickets.profile.parent
    monkeypatch.setenv("FRONTDESK_OFFICE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("FRONTDESK_OFFICE_KEY", "key")
    monkeypatch.setenv("FRONTDESK_RECORDS_URL", f"sqlite+aiosqlite:///{folder}/records.db")
    monkeypatch.setenv("FRONTDESK_RECORDS_SPOOL", str(folder / "spool"))
    monkeypatch.setenv("FRONTDESK_RECORDS_KEY", base64.b64encode(bytes(32)).decode())
    await upgrade(RecordsAccess())
    return load_profiles(folder)["acme"]


async def test_a_job_offers_what_its_parent_has_read(profile: Profile, tmp_path: Path) -> None:
    """Profile and pins reach it as they were, and its first use finds the server connected."""
    nothing: Any = None
    call = Call(
        nothing,
        settings=nothing,
        profiles=nothing,
        clips=nothing,
        local_vad=nothing,
        tls=ssl.create_default_context(),
    )
    inherited = cast("Profile", pickle.loads(pickle.dumps(profile)))  # noqa: S301 - our own
    caller = Caller(None, "+15557654321", in_service=True, sip_call_id="", identity="sip")
    call._keeping = await keep(RecordsAccess(), "call")
    async with call._open_gate(inherited, caller, call._keeping.journal) as gate:
        told = await gate.use("helpdesk_read_note", '{"number": 2}')
        names = {spec.name for spec in gate.offered()}

    await call._keeping.close()
    assert told.outcome == "ok"
    assert names == set(profile.offered)
