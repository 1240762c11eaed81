"""The smallest Pipecat bot that takes the same call: it waits in a room that a trunk leads to.

Run by the benchmark in the peers' environment: LIVEKIT_*, OPENAI_* and PEER_ROOM come from there.
"""

import asyncio
import os

from livekit import api
from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import LLMRunFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    SessionProperties,
    TurnDetection,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.livekit.transport import LiveKitParams, LiveKitTransport

ROOM = os.environ["PEER_ROOM"]
TOOLS = ToolsSchema(
    [
        FunctionSchema(
            name="look_up_order",
            description="Status of an order.",
            properties={"order": {"type": "string"}},
            required=["order"],
        )
    ]
)


def token() -> str:
    """A token for the bot's room."""
    grants = api.VideoGrants(room_join=True, room=ROOM, agent=True)
    key, secret = os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"]
    return api.AccessToken(key, secret).with_identity("pipecat").with_grants(grants).to_jwt()


async def main() -> None:
    """Wait in the room and talk to whoever comes."""
    params = LiveKitParams(audio_in_enabled=True, audio_out_enabled=True)
    transport = LiveKitTransport(os.environ["LIVEKIT_URL"], token(), ROOM, params)
    turns = TurnDetection(threshold=0.5, prefix_padding_ms=300, silence_duration_ms=500)
    llm = OpenAIRealtimeLLMService(
        api_key=os.environ["OPENAI_API_KEY"],
        base_url=os.environ["OPENAI_BASE_URL"].replace("http", "ws") + "/realtime",
        session_properties=SessionProperties(
            audio=AudioConfiguration(input=AudioInput(turn_detection=turns))
        ),
    )

    async def look_up_order(call: object) -> None:
        await call.result_callback('{"outcome": "ok", "say": "That order has shipped."}')

    llm.register_function("look_up_order", look_up_order)
    context = LLMContext([{"role": "user", "content": "Greet the caller."}], tools=TOOLS)
    pair = LLMContextAggregatorPair(context)
    steps = [transport.input(), pair.user(), llm, transport.output(), pair.assistant()]
    task = PipelineTask(Pipeline(steps), params=PipelineParams(), idle_timeout_secs=None)

    @transport.event_handler("on_first_participant_joined")
    async def greet(_: object, __: object) -> None:
        await task.queue_frames([LLMRunFrame()])

    await PipelineRunner().run(task)


if __name__ == "__main__":
    asyncio.run(main())
