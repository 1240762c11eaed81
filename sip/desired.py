"""Trunks and dispatch as people write them in YAML, and every rule such a file must keep.

`load` reads a file or says all that is wrong with it, each mistake with its line. Each refusal
here stands for a call that LiveKit would let in unasked, or would not let in at all. Used by
`python -m sip`; what LiveKit is to hold for a file is decided in `sip.objects`.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)

import configs
from sip.caller import normalise
from sip.gathering import Found, gather, records, repeated

_Model = TypeVar("_Model", bound=BaseModel)
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]

# Wider than this is nobody's carrier: two halves of the internet pass a test for 0.0.0.0/0.
_WIDEST = {4: 8, 6: 16}

_RESERVED_ATTRIBUTES = ("sip.", "frontdesk.", "lk.")


def _number(written: object) -> str:
    if not isinstance(written, str):
        # Not a TypeError: pydantic gathers ValueErrors and lets the others through.
        raise ValueError('is not text; write the number in quotes, for example "+15557654321"')  # noqa: TRY004
    if normalise(written) != written:
        raise ValueError(f'write it as E.164: "{normalise(written)}"')
    return written


def _network(written: object) -> str:
    # LiveKit also compares an entry with the host in From, which the sender chooses: only what
    # holds a slash can never be equal to it. An entry Go cannot parse matches nobody.
    if not isinstance(written, str) or not re.fullmatch(r"[0-9A-Fa-f.:]+/[0-9]+", written):
        raise ValueError(
            f"{written!r} is not a CIDR; write an address with its length, for example"
            " 203.0.113.7/32: a bare address or a host name can be forged in the From header"
        )
    try:
        network = ipaddress.ip_network(written, strict=False)
    except ValueError as error:
        raise ValueError(f"{written!r} is not a CIDR: {error}") from error
    if network.prefixlen < _WIDEST[network.version]:
        raise ValueError(
            f"{written} lets too much of the internet call; name your carrier's own networks"
            f" (/{_WIDEST[network.version]} or longer)"
        )
    if str(network) != written.lower():
        raise ValueError(f"{written} is written {network} (or name one host with its full length)")
    return str(network)


def _attribute(written: str) -> str:
    if written.startswith(_RESERVED_ATTRIBUTES):
        raise ValueError(f"{written!r} would let a caller set what LiveKit or frontdesk says")
    return written


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Auth(_Written):
    """Digest authentication of a trunk; the secret itself stays in the environment."""

    username: str = Field(min_length=1)
    """The user name that the other side sends."""
    password_env: str = Field(pattern=r"^[A-Z_][A-Z0-9_]*$")
    """Name of the environment variable that holds the password."""
    realm: str = ""
    """Digest realm; empty leaves the choice to LiveKit."""

    @model_validator(mode="wrap")
    @classmethod
    def _no_secret(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        said = "a secret does not belong in this file; name a variable with password_env"
        found = [Found(("password",), said)] if "password" in _mapping(data) else []
        return _whole(cls, data, handler, found)


class Trunk(_Written):
    """One way in: a carrier account or an SBC, its numbers and who may send calls from there."""

    name: _Name
    """What people call it; unique in the file."""
    numbers: list[Annotated[str, BeforeValidator(_number)]] = Field(min_length=1)
    """The numbers that ring here, E.164 with plus, in quotes."""
    allowed_addresses: list[Annotated[str, BeforeValidator(_network)]] = []
    """Networks (CIDR) that may send calls; of others not even an answer."""
    auth: Auth | None = None
    """Digest authentication; with `allowed_addresses` both must hold."""
    agent: str = ""
    """The worker's name for this trunk; empty takes the file's `agent`."""
    media_timeout_s: int = Field(180, ge=120, le=300)
    """Seconds without any RTP after which the call is taken for dead: a caller's hold is silent."""
    ringing_timeout_s: int = Field(15, ge=5, le=60)
    """Seconds of ringing after which a caller whom no worker took hears a final answer (486)."""
    max_call_duration_s: int | None = Field(None, ge=60, le=86400)
    """Seconds after which LiveKit cuts the call without a word; None leaves that to the worker."""
    encryption: Literal["disable", "allow", "require"] = "disable"
    """SRTP: never, when offered, or else the call is refused."""
    include_headers: Literal["none", "x", "all"] = "none"
    """Which SIP headers become attributes `sip.h.<name>` of the caller."""
    headers_to_attributes: dict[str, Annotated[str, BeforeValidator(_attribute)]] = {}
    """SIP header to attribute of the caller, by name; for example X-Twilio-VerStat."""

    @model_validator(mode="wrap")
    @classmethod
    def _guarded(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found: list[Found] = []
        written = _mapping(data)
        if isinstance(data, dict) and not (written.get("allowed_addresses") or written.get("auth")):
            says = "anyone may call: give allowed_addresses (CIDR), auth or both"
            found.append(Found((), says))
        return _whole(cls, data, handler, found)


class Desired(_Written):
    """A whole file: every trunk that shall be, and nothing of ours besides."""

    agent: str = Field(min_length=1)
    """Name of the worker that takes the calls (`FRONTDESK_AGENT_NAME` there)."""
    owner: _Name = "frontdesk"
    """Whose objects these are; two files for one LiveKit need two owners."""
    catch_all: bool = True
    """Answer numbers nobody listed, from the networks of all trunks, with `not_in_service`."""
    trunks: list[Trunk]
    """The trunks; an empty list removes all of ours."""

    @model_validator(mode="wrap")
    @classmethod
    def _consistent(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        return _whole(cls, data, handler, list(_across(_mapping(data))))


def load(path: Path) -> Desired:
    """Read the trunk file at `path`.

    Raises:
        configs.ConfigError: with every mistake in it.
    """
    return configs.load(path, Desired)


def _across(data: dict[str, Any]) -> list[Found]:
    trunks = records(data.get("trunks"))
    found = repeated(trunks, "name", "is the name of another trunk too")
    found += repeated(trunks, "numbers", "is a number of another entry too", same=_spelled_alike)
    found += [
        Found((key,), "a rule without its trunk answers anyone; every trunk here gets its own rule")
        for key in ("rules", "dispatch", "dispatch_rules")
        if key in data
    ]
    # A trunk with neither is told so itself; the catch-all's trouble would only be an echo of it.
    by_digest = [t for t in trunks if t.get("auth") and not t.get("allowed_addresses")]
    if data.get("catch_all", True) and trunks and len(by_digest) == len(trunks):
        says = "no trunk names a network, so a catch-all would answer the whole internet; add"
        found.append(Found(("catch_all",), f"{says} `catch_all: false`"))
    if data.get("catch_all", True) and data.get("trunks") == []:
        found.append(Found(("catch_all",), "there is no trunk; add `catch_all: false`"))
    if any(t.get("name") == "catch-all" for t in trunks):
        found.append(Found(("trunks",), "the name catch-all is taken by frontdesk's own trunk"))
    return found


def _spelled_alike(number: object) -> object:
    try:
        return normalise(str(number))
    except ValueError:
        return number


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def _whole(
    cls: type[_Model], data: object, handler: Callable[[Any], _Model], found: list[Found]
) -> _Model:
    """The model of `data`, or its own mistakes together with those `found` across fields."""
    try:
        model = handler(data)
    except ValidationError as error:
        raise gather(cls.__name__, found, error) from error
    if found:
        raise gather(cls.__name__, found)
    return model
