"""One scripted model and one VAD for all tests; every test gets a model without faults."""

from collections.abc import AsyncIterator, Iterator

import pytest
from livekit.agents import utils, vad
from livekit.plugins import silero

from agent.worker import LOCAL_VAD_SILENCE_S
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
