"""What the parent tells of itself."""

from types import SimpleNamespace
from typing import Any, cast

from livekit.agents import AgentServer
from prometheus_client import REGISTRY
from pydantic import SecretStr

from agent.profile import Limits, Profile
from agent.settings import Settings
from agent.standing import Fullness, config_hash, tell_build, tell_registered
from tests.unit.worker.test_reports import value
from tools.settings import SharedAccess

PROFILES = {"acme": Profile(name="acme")}


def settings(**changed: Any) -> Settings:
    """A worker's settings."""
    given = {"livekit_url": "ws://127.0.0.1:1", "livekit_api_key": "key"}
    secrets = {"livekit_api_secret": SecretStr("secret"), "openai_api_key": SecretStr("none")}
    return Settings.model_validate({**given, **secrets, **changed})


def test_a_worker_becomes_full_once_until_it_has_room_again() -> None:
    """However often it is asked meanwhile."""
    before, fullness = value("frontdesk_worker_full_transitions_total"), Fullness()
    seen = [fullness.seen(load) for load in (0.5, 1.0, 1.0, 0.9, 1.0)]

    assert seen == [0.5, 1.0, 1.0, 0.9, 1.0]
    assert value("frontdesk_worker_full_transitions_total") == before + 2


def test_a_worker_is_registered_only_while_livekit_may_send_it_calls() -> None:
    """Not before it is known, not while the connection is lost, not while it leaves."""
    told: dict[str, Any] = {}
    server = SimpleNamespace(on=told.__setitem__, _connecting=True)
    leaving = False
    tell_registered(cast("AgentServer", server), lambda: leaving)
    seen = [value("frontdesk_worker_registered")]

    told["worker_registered"]("id", "info")
    server._connecting = False
    seen.append(value("frontdesk_worker_registered"))
    server._connecting = True
    seen.append(value("frontdesk_worker_registered"))
    server._connecting, leaving = False, True
    seen.append(value("frontdesk_worker_registered"))

    assert seen == [0.0, 1.0, 0.0, 0.0]


def test_workers_that_do_the_same_have_the_same_digest() -> None:
    """Whoever rolls out sees who has what; a secret tells nothing, nor does its change."""
    one = config_hash([settings()], PROFILES)

    assert config_hash([settings(openai_api_key=SecretStr("other"))], PROFILES) == one
    assert config_hash([settings(max_calls=5)], PROFILES) != one
    patient = Profile(name="acme", limits=Limits(caller_silence_s=20))
    assert config_hash([settings()], {"acme": patient}) != one


def test_a_password_in_an_address_is_a_secret_too() -> None:
    """The same Redis with another password is the same configuration."""
    first = SharedAccess(url="redis://user:one@host:6379/0")
    second = SharedAccess(url="redis://user:two@host:6379/0")

    assert config_hash([first], {}) == config_hash([second], {})


def test_the_build_is_one_series() -> None:
    """Its value is always 1: it is joined to others by its labels."""
    tell_build([settings()], PROFILES)

    (sample,) = [
        sample
        for family in REGISTRY.collect()
        if family.name == "frontdesk_build_info"
        for sample in family.samples
    ]
    assert (sample.value, len(sample.labels["config_hash"])) == (1.0, 12)
