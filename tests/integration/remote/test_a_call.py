"""A call offers what its profile says of MCP servers, as the worker read it at its start."""

import base64
import pickle
import ssl
from pathlib import Path
from typing import cast

import pytest
import yaml

from agent.desk import facts_of, open_gate
from agent.profile import Profile, load_profiles
from records.opened import open_record
from records.settings import RecordsAccess
from records.upgrade import upgrade
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
    monkeypatch.setenv("FRONTDESK_RECORDS_KEY", base64.b64encode(bytes(32)).decode())
    await upgrade(RecordsAccess())
    return load_profiles(folder)["acme"]


async def test_a_job_offers_what_its_parent_has_read(profile: Profile, tmp_path: Path) -> None:
    """Profile and pins reach it as they were, and its first use finds the server connected."""
    inherited = cast("Profile", pickle.loads(pickle.dumps(profile)))  # noqa: S301 - our own
    async with (
        open_record(RecordsAccess()) as record,
        open_gate(
            inherited,
            facts_of(inherited, "call", None),
            record,
            tls=ssl.create_default_context(),
            on_secret=lambda _: None,
            on_use=lambda _: None,
        ) as gate,
    ):
        told = await gate.use("helpdesk_read_note", '{"number": 2}')
        names = {spec.name for spec in gate.offered()}

    assert told.outcome == "ok"
    assert names == set(profile.offered)
