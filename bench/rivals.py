"""Brings up the peers: an environment of their own, a trunk each, a process each.

They run the code of `bench/peers/` on the libraries pinned in its lock, against the same
livekit-server, livekit-sip and scripted model as our worker.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from livekit import api

from rehearsal.settings import REPO
from rehearsal.stack import Stack

PEERS = Path(__file__).parent / "peers"
ENVIRONMENT = REPO / ".build" / "peers"
NUMBERS = {"livekit_agents": "+15557650002", "pipecat": "+15557650003"}
ROOM = "pipecat"
INSTALL_TIMEOUT_S = 300.0
READY_TIMEOUT_S = 60.0
API_TIMEOUT_S = 10.0
END_TIMEOUT_S = 8.0


class PeerFailed(Exception):
    """A peer did not come up; the message names its log."""


async def install() -> None:
    """Make the peers' environment as their lock says; quick when it stands."""
    uv = shutil.which("uv") or str(REPO / ".uv" / "bin" / "uv")
    lock = PEERS / "requirements.lock"
    if not (ENVIRONMENT / "bin" / "python").exists():
        await _run(uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT))
    python = ENVIRONMENT / "bin" / "python"
    await _run(uv, "pip", "sync", "--quiet", "--python", str(python), str(lock))


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command)
    async with asyncio.timeout(INSTALL_TIMEOUT_S):
        if await process.wait():
            raise PeerFailed(f"{' '.join(command[:3])} failed; see above")


async def lead_numbers(stack: Stack) -> None:
    """One trunk and rule for each peer: to a named worker, or into the bot's room."""
    agents = [api.RoomAgentDispatch(agent_name="vanilla")]
    rules = {
        "livekit_agents": api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(
                dispatch_rule_individual=api.SIPDispatchRuleIndividual(room_prefix="vanilla")
            ),
            room_config=api.RoomConfiguration(agents=agents),
        ),
        "pipecat": api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(dispatch_rule_direct=api.SIPDispatchRuleDirect(room_name=ROOM))
        ),
    }
    async with (
        asyncio.timeout(API_TIMEOUT_S),
        api.LiveKitAPI(stack.livekit_url, stack.api_key, stack.api_secret) as lk,
    ):
        for name, rule in rules.items():
            trunk = api.SIPInboundTrunkInfo(
                name=f"peer {name}",
                numbers=[NUMBERS[name], NUMBERS[name].removeprefix("+")],
                allowed_addresses=["127.0.0.0/8"],
            )
            made = await lk.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=trunk))
            rule.name = f"peer {name}"
            rule.trunk_ids.append(made.sip_trunk_id)
            await lk.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))


@asynccontextmanager
async def livekit_worker(stack: Stack) -> AsyncIterator[None]:
    """The smallest livekit-agents worker, registered."""
    async with _process(stack, "vanilla_worker.py", "start", says="registered worker"):
        yield


@asynccontextmanager
async def pipecat_bot(stack: Stack) -> AsyncIterator[None]:
    """The smallest Pipecat bot, waiting in its room; it serves one caller."""
    async with _process(stack, "pipecat_bot.py", says="Connected to"):
        yield


@asynccontextmanager
async def _process(stack: Stack, file: str, *arguments: str, says: str) -> AsyncIterator[None]:
    env = {
        **os.environ,
        "LIVEKIT_URL": stack.livekit_url,
        "LIVEKIT_API_KEY": stack.api_key,
        "LIVEKIT_API_SECRET": stack.api_secret,
        "OPENAI_API_KEY": stack.model_key,
        "OPENAI_BASE_URL": f"{stack.model_url}/v1",
        "PEER_ROOM": ROOM,
        "PEER_PORT": "0",
    }
    log = stack.log(Path(file).stem)
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            str(ENVIRONMENT / "bin" / "python"),
            str(PEERS / file),
            *arguments,
            env=env,
            stdout=out,
            stderr=out,
        )
    try:
        await _until_it_says(log, says)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_it_says(log: Path, words: str) -> None:
    def said() -> bool:
        return words in log.read_text(encoding="utf-8", errors="replace")

    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            while not said():  # noqa: ASYNC110 - another process writes the log
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        raise PeerFailed(f"not ready after {READY_TIMEOUT_S:.0f} s; see {log}") from error
