"""The parts of a stack as data: what each runs, what it needs, and when it is ready.

Nothing is started here; `rehearsal.stack.stack` does that from this table.
"""

import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rehearsal.settings import StackSettings
from rehearsal.stack import programs, ready, written
from rehearsal.stack.layout import AGENT_NAME, HOST, Layout

_OURS = ("FRONTDESK_", "LIVEKIT_", "OPENAI_")
# livekit-agents takes them for LiveKit's address whatever NO_PROXY says; nothing here goes out.
_PROXIES = {"http_proxy", "https_proxy", "all_proxy"}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process. `ready` None: it does one thing and ends, and is ready when that went well."""

    name: str
    command: tuple[str, ...]
    ready: ready.Probe | None
    ends_on: signal.Signals = signal.SIGTERM
    env: Mapping[str, str] = field(default_factory=dict)


def table(
    layout: Layout, *, worker_env: Mapping[str, str], settings: StackSettings, wanted: Iterable[str]
) -> dict[str, Part]:
    """The parts called `wanted` and all that they need, by name, each after what it needs.

    Raises:
        ProgramMissing: one of them runs a program that is not there.
        ValueError: there is no part of that name.
    """
    makers = {
        "redis": lambda: _redis(layout, settings),
        "livekit-server": lambda: _livekit_server(layout, settings),
        "livekit-sip": lambda: _livekit_sip(layout, settings),
        "office": lambda: _office(layout),
        "model": lambda: _model(layout),
        "watch": lambda: _watch(layout),
        "trunks": lambda: _trunks(layout),
        "worker": lambda: _worker(layout, worker_env),
    }
    names = with_needs(wanted)
    return {name: makers[name]() for name in names}


NEEDS: Mapping[str, frozenset[str]] = {
    "redis": frozenset(),
    "livekit-server": frozenset({"redis"}),
    "livekit-sip": frozenset({"redis"}),
    "office": frozenset(),
    "model": frozenset(),
    "watch": frozenset(),
    "trunks": frozenset({"livekit-server"}),
    # It would retry by itself, but with pauses that cost more than the wait.
    "worker": frozenset({"livekit-server"}),
}

# Calls end first, as if their callers hung up, so that the worker can finish their records; the
# servers lose redis last, without which they only wait for it.
ENDS_FIRST = frozenset({"livekit-sip", "worker"})
ENDS_LAST = frozenset({"redis"})


def in_ending_order(names: Iterable[str]) -> list[list[str]]:
    """`names` in waves; each wave may end at once, when the one before has ended."""
    names = list(names)
    middle = [name for name in names if name not in ENDS_FIRST | ENDS_LAST]
    first, last = ([name for name in names if name in some] for some in (ENDS_FIRST, ENDS_LAST))
    return [wave for wave in (first, middle, last) if wave]


def with_needs(wanted: Iterable[str]) -> list[str]:
    """`wanted` and everything it needs, each name once and after its needs.

    Raises:
        ValueError: there is no part of that name.
    """
    ordered: dict[str, None] = {}

    def add(name: str) -> None:
        if name not in NEEDS:
            raise ValueError(f"no part {name!r}: there are {', '.join(NEEDS)}")
        for need in sorted(NEEDS[name]):
            add(need)
        ordered[name] = None

    for name in wanted:
        add(name)
    return list(ordered)


def environment(part: Part, inherited: Mapping[str, str]) -> dict[str, str]:
    """What `part` runs in: the shell's environment without settings of ours, then the part's own.

    A developer's OPENAI_API_KEY or a proxy for loopback addresses must not reach a rehearsal.
    """
    kept = {
        key: value
        for key, value in inherited.items()
        if not key.startswith(_OURS) and key.lower() not in _PROXIES
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **part.env}


def _redis(layout: Layout, settings: StackSettings) -> Part:
    program = programs.find("redis-server", settings)
    folder = str(layout.folder / "redis")
    where = ("--bind", HOST, "--port", str(layout.ports.redis), "--dir", folder)
    return Part(
        name="redis",
        command=(str(program), *where, "--save", "", "--appendonly", "no"),
        ready=ready.redis_answers(layout.ports.redis),
        # It saves nothing, and livekit-sip cannot end without it: whoever ends all at once, as the
        # guard does, must end it after the others.
        ends_on=signal.SIGKILL,
    )


def _livekit_server(layout: Layout, settings: StackSettings) -> Part:
    program = programs.find("livekit-server", settings)
    return Part(
        name="livekit-server",
        command=(str(program), "--config", str(written.server_file(layout))),
        ready=ready.http_answers(layout.ports.livekit, "/"),
        # An orderly end takes it 5 s even when idle, and it holds nothing worth them.
        ends_on=signal.SIGKILL,
    )


def _livekit_sip(layout: Layout, settings: StackSettings) -> Part:
    program = programs.find("livekit-sip", settings)
    return Part(
        name="livekit-sip",
        command=(str(program), "--config", str(written.sip_file(layout))),
        ready=ready.sip_answers(layout.ports.sip),
        # On SIGTERM it waits until every call has ended by itself; at this it ends them.
        ends_on=signal.SIGINT,
    )


def _office(layout: Layout) -> Part:
    port = str(layout.ports.office)
    return Part(
        name="office",
        command=_python(
            "rehearsal.office", "--port", port, "--database", str(layout.office_database)
        ),
        ready=ready.http_answers(layout.ports.office, "/health"),
        # Keys go by environment: every user of the machine can read a command line.
        env={"FRONTDESK_REHEARSAL_OFFICE_KEY": layout.office_key},
    )


def _model(layout: Layout) -> Part:
    files = ("--brain", str(layout.brain), "--log", str(layout.model_log))
    return Part(
        name="model",
        command=_python("rehearsal.model", "--port", str(layout.ports.model), *files),
        ready=ready.http_answers(layout.ports.model, "/rehearsal/health"),
        env={"FRONTDESK_MODEL_API_KEY": layout.model_key},
    )


def _watch(layout: Layout) -> Part:
    port = layout.ports.watch
    return Part(
        name="watch",
        command=_python("sip", "watch", "--port", str(port)),
        ready=ready.http_answers(port, "/health"),
        env=_livekit(layout),
    )


def _trunks(layout: Layout) -> Part:
    return Part(
        name="trunks",
        command=_python("sip", "apply", "--file", str(layout.trunks_file)),
        ready=None,
        env=_livekit(layout),
    )


def _worker(layout: Layout, worker_env: Mapping[str, str]) -> Part:
    env = {
        **_livekit(layout),
        "OPENAI_API_KEY": layout.model_key,
        "OPENAI_BASE_URL": f"{layout.model_url}/v1",
        "FRONTDESK_OFFICE_URL": layout.office_url,
        "FRONTDESK_OFFICE_KEY": layout.office_key,
        "FRONTDESK_REDIS_URL": layout.redis_url,
        "FRONTDESK_RECORDS_URL": layout.records_url,
        "FRONTDESK_RECORDS_KEY": layout.records_key,
        "FRONTDESK_AGENT_NAME": AGENT_NAME,
        "FRONTDESK_PROFILES": str(layout.profiles),
        "FRONTDESK_RECORDS_SPOOL": str(layout.spool),
        "FRONTDESK_RECORDINGS_URL": str(layout.recordings),
        "FRONTDESK_RECORDINGS_WAITING": str(layout.recordings_waiting),
        "FRONTDESK_TRACES_DIR": str(layout.traces_dir),
        "FRONTDESK_HTTP_PORT": str(layout.ports.worker),
        "FRONTDESK_METRICS_PORT": str(layout.ports.metrics),
        "FRONTDESK_READY_FILE": str(layout.ready_file),
    }
    return Part(
        name="worker",
        command=_python("agent", "start"),
        ready=ready.names_its_pid(layout.ready_file),
        env={**env, **worker_env},
    )


def _livekit(layout: Layout) -> dict[str, str]:
    return {
        "LIVEKIT_URL": layout.livekit_url,
        "LIVEKIT_API_KEY": layout.api_key,
        "LIVEKIT_API_SECRET": layout.api_secret,
    }


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
