"""The openai plugin's Realtime model with its faults worked around, in this one place.

Seven things of livekit-agents 1.8.9 do not suit a phone, each with a test that fails once upstream
mends it (tests/integration/realtime):

1. Sound is sent in chunks of 100 ms; every turn waits for the last one. Here: 10 ms.
2. The socket has no heartbeat, so a half-open connection is never noticed. Here: one.
3. A fatal error closes the AgentSession at once, and with it the only way to tell the caller why.
   Here: it is told to `on_fatal`, and the session stays up for the apology.
4. `aclose` raises again what ended the session, which skips the `close` event, RoomIO's close and
   the deletion of the room. Here: it closes.
5. A response that failed is told to a future that nobody waits for, and asyncio logs an error each
   time. Here: it counts as seen; `response.done` tells of it.
6. Every chunk of sound on its way to the model is announced, and each announcement inspects its
   listeners' signatures: 7 % of a call's main thread. Here: sound is not announced.
7. Arguments of a tool that are nested a thousand deep end the task that should answer them, and the
   model never hears of it. Here: they are no arguments, which is answered.
"""

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from livekit.agents import APIConnectionError, APIConnectOptions, utils
from livekit.plugins import openai
from livekit.plugins.openai.realtime import realtime_model as plugin
from openai.types.realtime import (
    AudioTranscription,
    RealtimeAudioConfig,
    RealtimeAudioConfigInput,
    RealtimeAudioInputTurnDetection,
    RealtimeSessionCreateRequest,
    ResponseCreatedEvent,
    ResponseOutputItemDoneEvent,
)
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

from agent.profile import Profile
from agent.settings import Settings

SEND_CHUNK_MS = 10
HEARTBEAT_S = 2.0
# Two quick tries: whatever takes longer, the caller is told about (agent.watch.MODEL_DOWN_S).
CONNECT = APIConnectOptions(max_retry=2, retry_interval=0.5, timeout=1.5)
CLOSE_TIMEOUT_S = 2.0

# No tool has arguments like that.
DEEPEST_ARGUMENTS = 50
NO_ARGUMENTS = "null"

SOUND = "input_audio_buffer.append"

log = logging.getLogger(__name__)


class PhoneRealtimeModel(openai.realtime.RealtimeModel):
    """A Realtime model fit for a phone. `on_fatal` is called when a session ended for good,
    `on_connected` with the seconds that a connection took."""

    on_fatal: Callable[[Exception], None] | None = None
    on_connected: Callable[[float], None] = staticmethod(lambda _: None)

    def http(self) -> aiohttp.ClientSession:
        """The job's HTTP session."""
        return self._ensure_http_session()

    def session(self, *, turn_detection_disabled: bool = False) -> "PhoneRealtimeSession":
        """Open one model session."""
        session = PhoneRealtimeSession(self, turn_detection_disabled=turn_detection_disabled)
        self._sessions.add(session)
        return session


class PhoneRealtimeSession(plugin.RealtimeSession):
    """One model session with small send chunks, a heartbeat and an end that is always told."""

    # Read before `__init__` is through.
    _answers_turns = True

    def __init__(self, model: PhoneRealtimeModel, *, turn_detection_disabled: bool = False) -> None:
        super().__init__(model, turn_detection_disabled=turn_detection_disabled)
        self._phone_model = model
        self._bstream = utils.audio.AudioByteStream(
            plugin.SAMPLE_RATE,
            plugin.NUM_CHANNELS,
            samples_per_channel=plugin.SAMPLE_RATE * SEND_CHUNK_MS // 1000,
        )

    async def _create_ws_conn(self) -> aiohttp.ClientWebSocketResponse:
        url, headers = self._create_ws_url_and_headers()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._opts.conn_options.timeout):
                socket = await self._phone_model.http().ws_connect(
                    url=url, headers=headers, heartbeat=HEARTBEAT_S
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise APIConnectionError("the model's server did not take the connection") from error
        took_s = time.perf_counter() - began
        self._report_connection_acquired(took_s)
        self._phone_model.on_connected(took_s)
        return socket

    def emit(self, event: Any, *args: Any) -> None:
        """Tell listeners of everything but sound on its way to the model."""
        if event != "openai_client_event_queued" or args[0].get("type") != SOUND:
            super().emit(event, *args)

    def _emit_error(self, error: Exception, recoverable: bool) -> None:
        if not recoverable and self._phone_model.on_fatal is not None:
            self._phone_model.on_fatal(error)
        else:
            super()._emit_error(error, recoverable)

    def _handle_response_created(self, event: ResponseCreatedEvent) -> None:
        super()._handle_response_created(event)
        done = getattr(self._current_generation, "_done_fut", None)
        if done is not None:
            done.add_done_callback(lambda seen: seen.cancelled() or seen.exception())

    def _handle_response_output_item_done(self, event: ResponseOutputItemDoneEvent) -> None:
        if event.item.type == "function_call" and _too_deep(event.item.arguments or ""):
            event.item.arguments = NO_ARGUMENTS
        super()._handle_response_output_item_done(event)

    def answer_turns(self, answers: bool) -> None:
        """Whether the model answers what the caller says; a reply that is asked for always comes.

        While it does not, it still hears them and writes down their words. The library is not told:
        it would take turns by itself meanwhile.
        """
        self._answers_turns = answers
        heard = RealtimeAudioConfigInput(turn_detection=self._turn_detection())
        session = RealtimeSessionCreateRequest(
            type="realtime", audio=RealtimeAudioConfig(input=heard)
        )
        event_id = utils.shortuuid("answer_turns_")
        self.send_event(self._wrap_session_update(event_id=event_id, session=session))

    def _turn_detection(self) -> RealtimeAudioInputTurnDetection | None:
        detection = self._opts.turn_detection
        if detection is None or self._answers_turns:
            return detection
        return detection.model_copy(update={"create_response": False})

    def _create_session_update_event(self) -> Any:
        # A socket that is opened anew must not answer a caller who is not to be answered.
        options = self._opts
        self._opts = dataclasses.replace(options, turn_detection=self._turn_detection())
        try:
            return super()._create_session_update_event()
        finally:
            self._opts = options

    async def aclose(self) -> None:
        """Close the session, whatever ended it before."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await super().aclose()


def _too_deep(arguments: str) -> bool:
    """Whether brackets are nested too deep; those within strings count too, which harms nobody."""
    steps = (1 if char in "[{" else -1 if char in "]}" else 0 for char in arguments)
    return any(depth > DEEPEST_ARGUMENTS for depth in itertools.accumulate(steps))


def open_model(profile: Profile, settings: Settings) -> PhoneRealtimeModel:
    """The model that `profile` asks for, at the address and with the key of the settings."""
    transcription = (
        AudioTranscription(model=profile.transcription_model)
        if profile.transcription_model
        else None
    )
    return PhoneRealtimeModel(
        model=profile.model,
        voice=profile.voice,
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        input_audio_transcription=transcription,
        turn_detection=ServerVad(
            type="server_vad",
            threshold=profile.turn.threshold,
            prefix_padding_ms=profile.turn.prefix_padding_ms,
            silence_duration_ms=profile.turn.silence_ms,
            create_response=True,
            interrupt_response=True,
        ),
        conn_options=CONNECT,
    )
