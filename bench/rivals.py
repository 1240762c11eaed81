"""Brings up the peers: an environment of their own, a trunk each, a process each.

They run the code of `bench/peers/` on the libraries pinned in its lock, against the same
livekit-server, livekit-sip and scripted model as our worker.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from livekit import api

from bench.contest import Contestant, Taken, take_peers
from rehearsal.rehearse import CallScript
from rehearsal.stack import Stack
from rehearsal.stack.parts import Part
from rehearsal.stack.ready import says
from setup.doing import BUILD, Teller
from setup.environment import Environment

PEERS = Path(__file__).parent / "peers"
ENVIRONMENT = Environment(BUILD / "peers", PEERS / "requirements.lock", "peers", estimate_s=60)
VANILLA, PIPECAT = "livekit_agents", "pipecat"
NUMBERS = {VANILLA: "+15557650002", PIPECAT: "+15557650003"}
NAMES = tuple(NUMBERS)
AGENT, ROOM = "vanilla", "pipecat"
API_TIMEOUT_S = 10.0


def install() -> None:
    """Make the peers' environment as their lock says, the way set-up makes ours.

    Raises:
        CannotSetUp: it could not be made; the message says why.
    """
    if not ENVIRONMENT.done():
        teller = Teller()
        teller.say(f"environment of the peers (about {ENVIRONMENT.estimate_s:.0f} s, once)")
        ENVIRONMENT.make(teller)


@asynccontextmanager
async def standing(stack: Stack, script: CallScript) -> AsyncIterator[dict[str, Contestant]]:
    """The peers by name, each ready to take calls of `script`.

    The smallest livekit-agents worker runs all the time: idle it takes a thousandth of a core (ours
    takes 17), so it costs nobody else's call anything. A Pipecat bot greets its first caller only,
    so every call gets a new one.
    """
    await _lead_numbers(stack)
    bots = itertools.count(1)

    async def call_a_bot() -> Taken:
        bot = _part(stack, f"pipecat-{next(bots)}", "pipecat_bot.py", ready="Connected to")
        async with stack.beside(bot):
            return await take_peers(stack, script, NUMBERS[PIPECAT])

    worker = _part(stack, "vanilla", "vanilla_worker.py", "start", ready="registered worker")
    async with stack.beside(worker):
        call_the_worker = partial(take_peers, stack, script, NUMBERS[VANILLA])
        yield {VANILLA: call_the_worker, PIPECAT: call_a_bot}


def _part(stack: Stack, name: str, file: str, *arguments: str, ready: str) -> Part:
    """One process of a peer; `ready` is what its log says once it takes calls."""
    return Part(
        name=name,
        command=(str(ENVIRONMENT.python), str(PEERS / file), *arguments),
        ready=says(stack.log(name), ready),
        env={
            "LIVEKIT_URL": stack.livekit_url,
            "LIVEKIT_API_KEY": stack.api_key,
            "LIVEKIT_API_SECRET": stack.api_secret,
            "OPENAI_API_KEY": stack.model_key,
            "OPENAI_BASE_URL": f"{stack.model_url}/v1",
            "PEER_AGENT": AGENT,
            "PEER_ROOM": ROOM,
            "PEER_PORT": "0",
        },
    )


async def _lead_numbers(stack: Stack) -> None:
    """One trunk and rule for each peer: to a named worker, or into the bot's room."""
    async with (
        asyncio.timeout(API_TIMEOUT_S),
        api.LiveKitAPI(stack.livekit_url, stack.api_key, stack.api_secret) as lk,
    ):
        for name, rule in _rules().items():
            trunk = api.SIPInboundTrunkInfo(
                name=f"peer {name}",
                numbers=[NUMBERS[name], NUMBERS[name].removeprefix("+")],
                allowed_addresses=["127.0.0.0/8"],
            )
            made = await lk.sip.create_inbound_trunk(api.CreateSIPInboundTrunkRequest(trunk=trunk))
            rule.name = f"peer {name}"
            rule.trunk_ids.append(made.sip_trunk_id)
            await lk.sip.create_dispatch_rule(api.CreateSIPDispatchRuleRequest(dispatch_rule=rule))


def _rules() -> dict[str, api.SIPDispatchRuleInfo]:
    alone = api.SIPDispatchRuleIndividual(room_prefix=AGENT)
    return {
        VANILLA: api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(dispatch_rule_individual=alone),
            room_config=api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=AGENT)]),
        ),
        PIPECAT: api.SIPDispatchRuleInfo(
            rule=api.SIPDispatchRule(dispatch_rule_direct=api.SIPDispatchRuleDirect(room_name=ROOM))
        ),
    }
