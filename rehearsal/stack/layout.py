"""Everything about one stack that is decided before its first process starts.

Addresses, keys and places: parts are written from it, and callers read the same names from
`Stack`. Keys are made anew for each stack; the files that hold them are readable by their owner.
"""

import base64
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.settings import REPO
from rehearsal.stack.ports import Ports

HOST = "127.0.0.1"
DID = "+15557654321"
AGENT_NAME = "frontdesk"
PROFILES = REPO / "rehearsal" / "profiles"
BRAIN = REPO / "rehearsal" / "scripts" / "brains" / "receptionist.yaml"


def _key() -> str:
    return secrets.token_hex(20)


def _sealing_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


class Addresses:
    """Where everything of a stack is, told from its folder and its ports."""

    folder: Path
    ports: Ports

    @property
    def livekit_url(self) -> str:
        """Where workers and SDKs reach livekit-server."""
        return f"ws://{HOST}:{self.ports.livekit}"

    @property
    def sip_address(self) -> tuple[str, int]:
        """Where livekit-sip takes calls, UDP and TCP."""
        return HOST, self.ports.sip

    @property
    def office_url(self) -> str:
        """The back office over HTTP."""
        return f"http://{HOST}:{self.ports.office}"

    @property
    def office_database(self) -> Path:
        """The back office's SQLite file."""
        return self.folder / "office.sqlite"

    @property
    def model_url(self) -> str:
        """The scripted model; the Realtime protocol is under `/v1`."""
        return f"http://{HOST}:{self.ports.model}"

    @property
    def model_log(self) -> Path:
        """What the scripted model heard and said."""
        return self.folder / "model.jsonl"

    @property
    def worker_url(self) -> str:
        """The worker's health: `/` and `/worker`."""
        return f"http://{HOST}:{self.ports.worker}"

    @property
    def metrics_url(self) -> str:
        """The worker's Prometheus series."""
        return f"http://{HOST}:{self.ports.metrics}/metrics"

    @property
    def watch_url(self) -> str:
        """The watcher for calls that no agent took."""
        return f"http://{HOST}:{self.ports.watch}"

    @property
    def spool(self) -> Path:
        """What the worker's record does not have yet of calls, sealed."""
        return self.folder / "spool"

    @property
    def traces_dir(self) -> Path:
        """A file with the trace of each call, in a folder for each day."""
        return self.folder / "traces"

    @property
    def recordings(self) -> Path:
        """The sound of calls, sealed."""
        return self.folder / "recordings"

    @property
    def recordings_waiting(self) -> Path:
        """Recordings that are being written, or wait to be stored."""
        return self.folder / "recordings-waiting"

    @property
    def records_env(self) -> Path:
        """Settings by which `python -m records` finds the record of this run."""
        return self.folder / "records.env"

    @property
    def records_url(self) -> str:
        """The worker's record: what tools were asked to do, in a SQLite file."""
        return f"sqlite+aiosqlite:///{self.folder / 'records.db'}"

    @property
    def redis_url(self) -> str:
        """LiveKit's Redis, in which calls count together too."""
        return f"redis://{HOST}:{self.ports.redis}"

    @property
    def trunks_file(self) -> Path:
        """The trunks that `python -m sip apply` gets."""
        return self.folder / "trunks.yaml"

    @property
    def ready_file(self) -> Path:
        """Written by the worker once LiveKit has registered it."""
        return self.folder / "worker.ready"

    def log(self, part: str) -> Path:
        """Everything that a part writes."""
        return self.folder / "logs" / f"{part}.log"


@dataclass(frozen=True, kw_only=True)
class Layout(Addresses):
    """One stack on paper. `folder` is absolute and belongs to this stack alone."""

    folder: Path
    ports: Ports
    profiles: Path = PROFILES
    brain: Path = BRAIN
    api_key: str = field(default_factory=lambda: f"rehearsal{secrets.token_hex(4)}")
    api_secret: str = field(default_factory=_key, repr=False)
    office_key: str = field(default_factory=_key, repr=False)
    model_key: str = field(default_factory=_key, repr=False)
    records_key: str = field(default_factory=_sealing_key, repr=False)
