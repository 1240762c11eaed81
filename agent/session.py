"""Opens the speech-to-speech session of a call: how turns are taken, what is heard and sent.

Everything about livekit-agents' AgentSession that was chosen for a phone is chosen here.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from livekit.agents import Agent, AgentSession, TurnHandlingOptions, llm, vad
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions

from agent.bridge import Offered
from agent.profile import Profile
from agent.realtime import PhoneRealtimeModel

# The library has 50 ms; every turn waits for the last frame to fill.
INPUT_FRAME_MS = 10
# A read-back, a yes, the tool itself and a follow-up fit; a model in a loop does not.
MAX_TOOL_STEPS = 6


def open_session(model: PhoneRealtimeModel, local_vad: vad.VAD) -> AgentSession[None]:
    """A session in which the model ends turns and a local VAD tells when the caller spoke."""
    return AgentSession(
        llm=model,
        # Without a VAD of our own nobody knows when the caller's voice ended.
        vad=local_vad,
        turn_handling=TurnHandlingOptions(
            turn_detection="realtime_llm",
            interruption={"resume_false_interruption": False, "false_interruption_timeout": None},
        ),
        # The default replaces the caller's first 3 s by silence; a phone cancels its own echo.
        aec_warmup_duration=None,
        # Silence is watched by agent.watch, which speaks before it acts.
        user_away_timeout=None,
        max_tool_steps=MAX_TOOL_STEPS,
    )


def make_agent(
    profile: Profile,
    offered: list[Offered],
    *,
    now: datetime,
    said: llm.ChatContext | None = None,
) -> Agent:
    """The agent of `profile`: its persona, which day it is, and the tools that the gate offers.

    `said` is what the caller and an agent before it said.
    """
    here = now.astimezone(ZoneInfo(profile.timezone))
    # A model knows no calendar, and callers say "on Friday".
    today = f"Today is {here:%A}, {here:%Y-%m-%d}; it is {here:%H:%M}."
    instructions = f"{profile.persona.rstrip()}\n{today}\n"
    return Agent(instructions=instructions, tools=list(offered), chat_ctx=said)


def room_options(caller_identity: str) -> RoomOptions:
    """Hear the caller alone, in small frames; voice and end are the call's own (agent.call)."""
    return RoomOptions(
        audio_input=AudioInputOptions(frame_size_ms=INPUT_FRAME_MS, pre_connect_audio=False),
        audio_output=False,
        text_input=False,
        participant_identity=caller_identity,
        close_on_disconnect=False,
        delete_room_on_close=False,
    )
