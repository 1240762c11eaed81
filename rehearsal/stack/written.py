"""The configuration files of a stack's servers, and its trunks.

Values that are not obvious were found on the wire with these very versions; each says why.
"""

import shlex
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import yaml

from rehearsal.stack.layout import AGENT_NAME, DID, HOST, Layout


def livekit_server(layout: Layout) -> Mapping[str, object]:
    """livekit-server on loopback, reporting rooms to the watcher for unanswered calls."""
    ports = layout.ports
    return {
        "port": ports.livekit,
        "bind_addresses": [HOST],
        "rtc": {
            "tcp_port": ports.livekit_tcp,
            "udp_port": ports.livekit_udp,
            "node_ip": HOST,
            "use_external_ip": False,
            # Without both, media over loopback finds no candidate pair.
            "enable_loopback_candidate": True,
            "ips": {"includes": ["127.0.0.0/8"]},
        },
        "redis": {"address": f"{HOST}:{ports.redis}"},
        "keys": {layout.api_key: layout.api_secret},
        "webhook": {"api_key": layout.api_key, "urls": [f"{layout.watch_url}/webhook"]},
        "logging": {"level": "info"},
    }


def livekit_sip(layout: Layout) -> Mapping[str, object]:
    """livekit-sip on loopback, tuned for a small and busy machine."""
    ports = layout.ports
    return {
        "api_key": layout.api_key,
        "api_secret": layout.api_secret,
        "ws_url": layout.livekit_url,
        "redis": {"address": f"{HOST}:{ports.redis}"},
        "listen_ip": HOST,
        # `local_net` alone leaves another address in the SDP than the one we can be reached at.
        "nat_1_to_1_ip": HOST,
        "sip_port": ports.sip,
        "rtp_port": f"{ports.rtp}-{ports.rtp_end}",
        # A busy test machine is not an overloaded carrier.
        "max_cpu_utilization": 1,
        # Closed calls would keep their media ports for 30 s and use up the range.
        "rtp_draining_idle_timeout": "-1s",
        "rtp_draining_duration": "-1s",
        "enable_jitter_buffer": True,
        # At debug it prints the digits that callers dial.
        "logging": {"level": "info"},
    }


def trunks(layout: Layout) -> Mapping[str, object]:
    """One carrier, this machine, with the profiles' numbers; others fall to the catch-all."""
    carrier = {"name": "loopback", "numbers": numbers(layout), "allowed_addresses": ["127.0.0.0/8"]}
    return {"agent": AGENT_NAME, "trunks": [carrier]}


def numbers(layout: Layout) -> list[str]:
    """Every number that a profile answers, Acme's if none does; mistakes are for the worker."""
    found: list[str] = []
    for file in sorted(layout.profiles.glob("*.yaml")):
        with suppress(OSError, yaml.YAMLError):
            profile = yaml.safe_load(file.read_text(encoding="utf-8"))
            named = profile.get("numbers") if isinstance(profile, dict) else None
            found += [str(number) for number in named] if isinstance(named, list) else []
    return list(dict.fromkeys(found)) or [DID]


def write(layout: Layout) -> None:
    """Put every file of `layout` into its folder, made here, for the owner's eyes only."""
    layout.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (layout.folder / "logs", layout.spool, layout.folder / "redis"):
        folder.mkdir(exist_ok=True)
    _yaml(server_file(layout), livekit_server(layout))
    _yaml(sip_file(layout), livekit_sip(layout))
    _yaml(layout.trunks_file, trunks(layout))
    _private(layout.records_env, records_env(layout))


def records_env(layout: Layout) -> str:
    """What a shell needs for `python -m records`, to be read by `.`; it holds the record's key."""
    settings = {
        "FRONTDESK_RECORDS_URL": layout.records_url,
        "FRONTDESK_RECORDS_KEY": layout.records_key,
        "FRONTDESK_RECORDS_SPOOL": layout.spool,
        "FRONTDESK_RECORDINGS_URL": layout.recordings,
        "FRONTDESK_RECORDINGS_WAITING": layout.recordings_waiting,
    }
    return "".join(f"export {name}={shlex.quote(str(v))}\n" for name, v in settings.items())


def server_file(layout: Layout) -> Path:
    """livekit-server's configuration."""
    return layout.folder / "livekit-server.yaml"


def sip_file(layout: Layout) -> Path:
    """livekit-sip's configuration."""
    return layout.folder / "livekit-sip.yaml"


def _private(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8")


def _yaml(file: Path, content: Mapping[str, object]) -> None:
    _private(file, yaml.safe_dump(dict(content), sort_keys=False))
