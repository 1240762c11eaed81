"""What LiveKit is to hold for a trunk file: one trunk and one rule a line, and whose they are.

Pure: a file, secrets and a room prefix in, protobuf messages out. `sip.plan` compares them with
what is found. The shapes follow from how LiveKit matches calls, which docs/sip.md explains.
"""

import ipaddress
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf.duration_pb2 import Duration
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration
from livekit.protocol.sip import (
    SIPDispatchRule,
    SIPDispatchRuleCallee,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
    SIPMediaConfig,
)

from sip.caller import IN_SERVICE
from sip.desired import Desired, Trunk

CATCH_ALL = "catch-all"
"""Name of the trunk that answers what no other trunk is called by."""

_HEADERS = {"none": "SIP_NO_HEADERS", "x": "SIP_X_HEADERS", "all": "SIP_ALL_HEADERS"}


class MissingSecrets(Exception):
    """Digest passwords that the file names are not in the environment; `names` says which."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        super().__init__(
            f"not set in the environment, but named by password_env: {', '.join(self.names)}"
        )


@dataclass(frozen=True)
class Line:
    """One way in as LiveKit shall hold it. The rule's `trunk_ids` are known only once the trunk is.

    Messages stay out of `repr`: a trunk holds its digest password.
    """

    name: str
    trunk: SIPInboundTrunkInfo = field(repr=False)
    rule: SIPDispatchRuleInfo = field(repr=False)


class Found(NamedTuple):
    """Everything inbound that LiveKit holds, ours and others'."""

    trunks: list[SIPInboundTrunkInfo]
    rules: list[SIPDispatchRuleInfo]


def lines(desired: Desired, secrets: Mapping[str, str], room_prefix: str) -> list[Line]:
    """The lines of a file, the catch-all last. `secrets` is the environment; values never leave.

    Raises:
        MissingSecrets: a `password_env` is unset or empty.
    """
    missing = [name for name in needed_secrets(desired) if not secrets.get(name)]
    if missing:
        raise MissingSecrets(missing)
    made = [_line(desired, trunk, secrets, room_prefix) for trunk in desired.trunks]
    return [*made, _catch_all(desired, room_prefix)] if desired.catch_all else made


def needed_secrets(desired: Desired) -> list[str]:
    """Names of the environment variables that the file takes passwords from."""
    return [trunk.auth.password_env for trunk in desired.trunks if trunk.auth]


def is_ours(owner: str, info: SIPInboundTrunkInfo | SIPDispatchRuleInfo) -> bool:
    """Whether `owner` made this: its marker or its name prefix; one survives most edits by hand."""
    if info.name.startswith(f"{owner}/"):
        return True
    try:
        marker = json.loads(info.metadata or "{}")
    except ValueError:
        return False
    return isinstance(marker, dict) and marker.get("managed_by") == owner


def _line(desired: Desired, trunk: Trunk, secrets: Mapping[str, str], room_prefix: str) -> Line:
    info = SIPInboundTrunkInfo(
        name=f"{desired.owner}/{trunk.name}",
        metadata=_marker(desired.owner),
        # Dispatch rules and older servers compare numbers as text: both spellings always match.
        numbers=[spelling for n in trunk.numbers for spelling in (n, n.removeprefix("+"))],
        allowed_addresses=trunk.allowed_addresses,
        auth_username=trunk.auth.username if trunk.auth else "",
        auth_password=secrets[trunk.auth.password_env] if trunk.auth else "",
        auth_realm=trunk.auth.realm if trunk.auth else "",
        headers_to_attributes=trunk.headers_to_attributes,
        include_headers=_HEADERS[trunk.include_headers],
        ringing_timeout=Duration(seconds=trunk.ringing_timeout_s),
        media=_media(trunk.media_timeout_s, trunk.encryption),
    )
    if trunk.max_call_duration_s is not None:
        info.max_call_duration.CopyFrom(Duration(seconds=trunk.max_call_duration_s))
    agent = trunk.agent or desired.agent
    return Line(trunk.name, info, _rule(desired.owner, trunk.name, agent, room_prefix))


def _catch_all(desired: Desired, room_prefix: str) -> Line:
    networks = [ipaddress.ip_network(n) for t in desired.trunks for n in t.allowed_addresses]
    v4 = ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv4Network))
    v6 = ipaddress.collapse_addresses(n for n in networks if isinstance(n, ipaddress.IPv6Network))
    # As willing as the most willing trunk: a carrier that insists on SRTP must be heard here too.
    encrypted = any(trunk.encryption != "disable" for trunk in desired.trunks)
    info = SIPInboundTrunkInfo(
        name=f"{desired.owner}/{CATCH_ALL}",
        metadata=_marker(desired.owner),
        allowed_addresses=[*map(str, v4), *map(str, v6)],
        ringing_timeout=Duration(seconds=max(t.ringing_timeout_s for t in desired.trunks)),
        media=_media(
            max(t.media_timeout_s for t in desired.trunks), "allow" if encrypted else "disable"
        ),
    )
    return Line(CATCH_ALL, info, _rule(desired.owner, CATCH_ALL, desired.agent, room_prefix))


def _rule(owner: str, name: str, agent: str, room_prefix: str) -> SIPDispatchRuleInfo:
    callee = SIPDispatchRuleCallee(room_prefix=room_prefix, randomize=True)
    return SIPDispatchRuleInfo(
        name=f"{owner}/{name}",
        metadata=_marker(owner),
        rule=SIPDispatchRule(dispatch_rule_callee=callee),
        # A call refused by its own trunk (wrong network) falls through to the catch-all with the
        # same dialled number: without this word the worker would answer it, digest or not.
        attributes={IN_SERVICE: "false" if name == CATCH_ALL else "true"},
        room_config=RoomConfiguration(agents=[RoomAgentDispatch(agent_name=agent)]),
    )


def _marker(owner: str) -> str:
    return json.dumps({"managed_by": owner})


def _media(timeout_s: int, encryption: str) -> SIPMediaConfig:
    return SIPMediaConfig(
        media_timeout=Duration(seconds=timeout_s),
        encryption=f"SIP_MEDIA_ENCRYPT_{encryption.upper()}",
    )
