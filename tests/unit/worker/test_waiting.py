"""What is told of callers who look for the keys of their telephone."""

from types import SimpleNamespace
from typing import Any, cast

from agent.reports import Happened, Report
from agent.waiting import Waiting
from agent.watch import Line
from tools.keypad import Secret


class Speaker:
    """Says every clip at once."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def say(self, name: str, *, cut_in: bool) -> bool:
        """A clip that nobody talks over."""
        assert not cut_in
        self.said.append(name)
        return True


async def test_whoever_is_asked_for_their_keys_again_is_counted() -> None:
    """The first time is no reprompt."""
    told: list[Report] = []
    speaker = Speaker()
    session = SimpleNamespace(
        current_speech=None, input=SimpleNamespace(set_audio_enabled=lambda _: None)
    )
    waiting = Waiting(
        session=cast("Any", session),
        line=Line(),
        speaker=cast("Any", speaker),
        tell=told.append,
        pause=lambda _: None,
    )
    waiting.keys_awaited(Secret.PIN)
    await waiting.ask_for_keys()
    assert told == []

    await waiting.ask_for_keys()
    assert told == [Happened(what="reprompt", why="keys")]
    assert speaker.said == ["enter_pin", "enter_pin"]
