"""One livekit-server for all trunk tests; each test starts with no trunks in it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from livekit import api
from livekit.protocol.sip import (
    DeleteSIPDispatchRuleRequest,
    DeleteSIPTrunkRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
)

from tests.integration.livekit import Server, serving

COMMAND_TIMEOUT_S = 30.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with Redis, shared by a module."""
    with serving(tmp_path_factory.mktemp("livekit")) as running:
        yield running


@pytest.fixture
async def livekit(server: Server) -> AsyncIterator[api.LiveKitAPI]:
    """The server's API by another door than ours, with no trunks and no rules."""
    async with api.LiveKitAPI(server.url, server.key, server.secret) as client:
        for trunk in (await client.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())).items:
            await client.sip.delete_trunk(DeleteSIPTrunkRequest(sip_trunk_id=trunk.sip_trunk_id))
        for rule in (await client.sip.list_dispatch_rule(ListSIPDispatchRuleRequest())).items:
            request = DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=rule.sip_dispatch_rule_id)
            await client.sip.delete_dispatch_rule(request)
        yield client


async def sip(
    command: str, file: Path, environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """`python -m sip COMMAND --file FILE` in a process of its own."""

    def run() -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sip", command, "--file", str(file)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )

    return await asyncio.to_thread(run)
