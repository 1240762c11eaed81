"""Dockerfile and compose.yaml say the same as the code: no engine is here to find out otherwise."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from agent.leaving import GRACE_S
from agent.settings import Settings as WorkerSettings
from records.settings import RecordingStorage, RecordsAccess
from rehearsal.model.settings import ModelSettings
from rehearsal.office.settings import OfficeSettings
from rehearsal.stack.layout import DID
from setup.servers import LIVEKIT_SERVER, LIVEKIT_SIP
from sip import desired
from sip.settings import Settings as SipSettings
from tools.settings import OfficeAccess, SharedAccess

REPO = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((REPO / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (REPO / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
READS: dict[str, tuple[type[BaseSettings], ...]] = {
    "trunks": (SipSettings,),
    "watch": (SipSettings,),
    "office": (OfficeSettings,),
    "model": (ModelSettings,),
    "worker": (WorkerSettings, OfficeAccess, RecordsAccess, RecordingStorage, SharedAccess),
}


def known(settings: type[BaseSettings], *, required: bool = False) -> set[str]:
    """The environment variables that a settings class reads, or cannot do without."""
    prefix = settings.model_config.get("env_prefix", "")
    return {
        str(field.validation_alias or f"{prefix}{name}".upper())
        for name, field in settings.model_fields.items()
        if field.is_required() or not required
    }


def stages() -> dict[str, list[str]]:
    """The instructions of each stage of the Dockerfile, in their order."""
    found: dict[str, list[str]] = {}
    for line in DOCKERFILE.splitlines():
        if stage := re.fullmatch(r"FROM \S+ AS (\S+)", line):
            found[stage[1]] = []
        elif found and line and not line.startswith("#"):
            found[list(found)[-1]].append(line.strip())
    return found


def read(name: str) -> Any:
    """A file of deploy/compose."""
    return yaml.safe_load((REPO / "deploy" / "compose" / name).read_text(encoding="utf-8"))


def test_the_images_have_the_versions_that_setup_builds() -> None:
    """Server and bridge are known to work together in these versions only."""
    server, bridge = SERVICES["livekit-server"]["image"], SERVICES["livekit-sip"]["image"]

    assert server == f"livekit/livekit-server:{LIVEKIT_SERVER.version}"
    assert bridge == f"livekit/sip:{LIVEKIT_SIP.version}"


@pytest.mark.parametrize("service", READS)
def test_a_service_is_set_only_what_it_reads(service: str) -> None:
    """A misspelt variable would silently leave a default."""
    names = set().union(*(known(settings) for settings in READS[service]))

    assert set(SERVICES[service].get("environment", {})) <= names


def test_the_worker_is_told_all_it_requires() -> None:
    """Every setting without a default comes by compose or by the image."""
    required = set().union(*(known(settings, required=True) for settings in READS["worker"]))

    assert required <= set(SERVICES["worker"]["environment"])


def test_services_find_each_other() -> None:
    """Addresses name the port that the other side listens on."""
    worker = SERVICES["worker"]["environment"]
    port = {name: SERVICES[name]["command"] for name in ("office", "model", "watch")}
    at = {name: command[command.index("--port") + 1] for name, command in port.items()}
    server = read("livekit-server.yaml")

    assert worker["FRONTDESK_OFFICE_URL"] == f"http://office:{at['office']}"
    assert worker["OPENAI_BASE_URL"] == f"http://model:{at['model']}/v1"
    assert worker["LIVEKIT_URL"] == f"ws://livekit-server:{server['port']}"
    assert server["webhook"]["urls"] == [f"http://watch:{at['watch']}/webhook"]
    assert server["webhook"]["api_key"] == worker["LIVEKIT_API_KEY"]


def test_the_bridges_ports_are_the_published_ones() -> None:
    """A port that is not published is a call without sound."""
    bridge = read("livekit-sip.yaml")
    sip, rtp = bridge["sip_port"], bridge["rtp_port"]
    wanted = ((sip, "udp"), (sip, "tcp"), (rtp, "udp"))

    published = SERVICES["livekit-sip"]["ports"]

    assert published == [f"127.0.0.1:{port}:{port}/{by}" for port, by in wanted]


def test_nothing_is_published_beyond_this_machine() -> None:
    """The faults and keys of a rehearsal are no matter for the network."""
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_calls_come_in_from_dockers_own_network() -> None:
    """The trunk file is one that sip accepts, and it names the network of compose.yaml."""
    (trunk,) = desired.load(REPO / "deploy" / "compose" / "trunks.yaml").trunks
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]

    assert trunk.numbers == [DID]
    assert trunk.allowed_addresses == [network["subnet"]]


def test_every_target_is_a_stage_and_the_worker_is_the_default() -> None:
    """`docker build .` makes the production image."""
    targets = {s["build"]["target"] for s in SERVICES.values() if "build" in s}

    assert targets <= set(stages())
    assert list(stages())[-1] == "worker"


def test_the_worker_runs_unprivileged_with_a_health_check() -> None:
    """It starts the worker, not as root, and says whether it lives."""
    worker = stages()["worker"]

    assert "USER frontdesk" in worker
    assert any(line.startswith("HEALTHCHECK") for line in worker)
    assert worker[-2:] == ['ENTRYPOINT ["python", "-m", "agent"]', 'CMD ["start"]']


def test_the_worker_image_takes_the_lock_and_nothing_of_the_rehearsal() -> None:
    """Production runs what was tested, and no more than it needs."""
    installs = [line for line in stages()["build"] if "pip install" in line]

    assert any("--constraint requirements.lock -r pyproject.toml" in line for line in installs)
    assert not [line for line in installs + stages()["build-worker"] if "--extra" in line]


def test_the_image_sets_only_what_the_worker_reads() -> None:
    """A renamed setting must not linger in the image."""
    names = re.findall(r"(FRONTDESK_\w+)=", "\n".join(stages()["worker"]))

    assert names
    assert set(names) <= set().union(*(known(settings) for settings in READS["worker"]))


def test_what_the_image_copies_is_there() -> None:
    """Each file exists and .dockerignore lets it through."""
    let_through = (REPO / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        w for line in stages()["build"] if line.startswith("COPY") for w in line.split()[1:-1]
    ]

    assert copied
    for name in copied:
        assert (REPO / name).is_file()
        assert f"!{name}" in let_through


def test_docker_waits_longer_than_the_worker_drains() -> None:
    """After the drain a call is cancelled and gets a sentence; killed, it gets none."""
    drain_s = int(SERVICES["worker"]["environment"]["FRONTDESK_DRAIN_TIMEOUT_S"])

    assert SERVICES["worker"]["stop_grace_period"] == "2m"
    assert drain_s + GRACE_S <= 120
