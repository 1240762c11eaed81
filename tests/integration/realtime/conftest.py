"""One scripted model and one VAD for all tests; every test gets a model without faults."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from livekit.agents import utils, vad
from livekit.plugins import silero

from agent.worker import LOCAL_VAD_SILENCE_S
from tests.integration import livekit
from tests.integration.realtime.rooms import TwoInARoom, two_in_a_room
from tests.integration.realtime.scripted import ScriptedModel, serving


@pytest.fixture(scope="session")
def scripted_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedModel]:
    """The process."""
    with serving(tmp_path_factory.mktemp("model")) as model:
        yield model


@pytest.fixture
def model(scripted_model: ScriptedModel) -> Iterator[ScriptedModel]:
    """The scripted model, healthy until a test orders otherwise."""
    yield scripted_model
    scripted_model.clear()


@pytest.fixture(scope="session")
def local_vad() -> vad.VAD:
    """The VAD that a job loads before its first call."""
    return silero.VAD.load(min_silence_duration=LOCAL_VAD_SILENCE_S, sample_rate=16000)


@pytest.fixture(autouse=True)
async def http() -> AsyncIterator[None]:
    """What a job process has: an HTTP session that the plugin finds."""
    async with utils.http_context.open():
        yield


@pytest.fixture(scope="session")
def livekit_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[livekit.Server]:
    """A real livekit-server."""
    with livekit.serving(tmp_path_factory.mktemp("livekit"), redis=False) as server:
        yield server


@pytest.fixture
async def two(livekit_server: livekit.Server) -> AsyncIterator[TwoInARoom]:
    """A caller and the agent in a room of their own."""
    async with two_in_a_room(livekit_server, secrets.token_hex(4)) as joined:
        yield joined
