"""What the parent tells of itself: how many calls it carries, whether it may get more, what it is.

Set up once by `agent.worker`. Gauges are asked when they are scraped, so that none of them can
outlive what it tells of.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version

from livekit.agents import AgentServer
from pydantic import SecretBytes, SecretStr
from pydantic_settings import BaseSettings

from agent import metrics
from agent.lifeline import Lifeline
from agent.profile import Profile
from agent.reports import Unkept

DIGEST_CHARACTERS = 12
# user:password@ of an address.
_LOGIN = re.compile(r"(?<=//)[^/@]*@")


class Fullness:
    """Counts how often the worker became full."""

    def __init__(self) -> None:
        self._full = False

    def seen(self, load: float) -> float:
        """The load just now, 0 to 1; handed on as it is."""
        full = load >= 1.0
        metrics.WORKER_FULL.inc(full and not self._full)
        self._full = full
        return load


def tell_calls(lifeline: Lifeline, capacity: int, left: Callable[[], Unkept]) -> None:
    """Calls in progress, what they have yet to bring where it belongs, how many there may be.

    `left` is what dead jobs have left on this machine.
    """
    metrics.CALL_CAPACITY.set(capacity)
    metrics.CALLS_ACTIVE.set_function(lambda: lifeline.calls_in_progress)
    metrics.RECORDS_PENDING.set_function(lambda: lifeline.unkept().entries + left().entries)
    metrics.OLDEST_UNPERSISTED_SECONDS.set_function(
        lambda: max(lifeline.unkept().oldest_s, left().oldest_s)
    )


def tell_registered(server: AgentServer, leaving: Callable[[], bool]) -> None:
    """Whether LiveKit knows the worker: not before, not while a connection is lost or tried."""
    known = False

    def registered(*_: object) -> None:
        nonlocal known
        known = True

    server.on("worker_registered", registered)
    metrics.WORKER_REGISTERED.set_function(
        # The library tells of a lost connection by nothing but this.
        lambda: known and not server._connecting and not leaving()  # noqa: SLF001
    )


def tell_build(settings: Iterable[BaseSettings], profiles: Mapping[str, Profile]) -> None:
    """Which version runs, and with which settings and profiles."""
    digest = config_hash(settings, profiles)
    metrics.BUILD_INFO.labels(version=version("frontdesk"), config_hash=digest).set(1)


def config_hash(settings: Iterable[BaseSettings], profiles: Mapping[str, Profile]) -> str:
    """A digest of settings and profiles: equal on workers that do the same. Of a secret nothing."""
    values = {
        f"{type(of).__name__}.{name}": _LOGIN.sub("", str(value))
        for of in settings
        for name, value in dict(of).items()
        if not isinstance(value, SecretStr | SecretBytes)
    }
    told = {name: profile.model_dump(mode="json") for name, profile in profiles.items()}
    text = json.dumps([values, told], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
