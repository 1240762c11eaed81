"""The smallest livekit-agents worker that takes the same call: everything as the library has it.

Run by the benchmark in the peers' environment; LIVEKIT_*, OPENAI_* and PEER_* come from there.
"""

import os

from livekit.agents import (
    Agent,
    AgentServer,
    AgentSession,
    JobContext,
    cli,
    function_tool,
)
from livekit.plugins import openai

# Its own measure of load refuses calls on a small busy machine.
server = AgentServer(load_fnc=lambda *_: 0.1, port=int(os.environ["PEER_PORT"]))


class Desk(Agent):
    """Greets, answers, looks up one thing."""

    def __init__(self) -> None:
        super().__init__(instructions="You answer the phone of Acme Bicycles.")

    async def on_enter(self) -> None:
        """Speak first."""
        self.session.generate_reply(instructions='Say exactly: "Hello, this is Acme."')

    @function_tool
    async def look_up_order(self, order: str) -> str:
        """Status of an order."""
        return f'{{"outcome": "ok", "say": "Order {order} has shipped."}}'


@server.rtc_session(agent_name=os.environ["PEER_AGENT"])
async def answer(ctx: JobContext) -> None:
    """Take the call."""
    session = AgentSession(llm=openai.realtime.RealtimeModel(voice="marin"))
    await session.start(Desk(), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
