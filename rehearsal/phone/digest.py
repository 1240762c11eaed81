"""Digest authentication (RFC 7616 as SIP uses it): answering a challenge and checking an answer.

Pure. Parameters are read here and not by `sipmessage`, whose 0.7.1 splits a quoted
`qop="auth,auth-int"` at its comma and then refuses the header.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
}


@dataclass(frozen=True)
class Credentials:
    """Who we are to a trunk that asks."""

    username: str
    password: str


class CannotAuthenticate(Exception):
    """A challenge of a scheme, algorithm or quality this phone does not speak."""


def parameters(header: str) -> dict[str, str]:
    """Read the parameters of a Digest header; empty for another scheme."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}


def authorization(challenge: str, who: Credentials, *, method: str, uri: str) -> str:
    """Answer a challenge: the value of Authorization or Proxy-Authorization.

    Raises:
        CannotAuthenticate: the challenge cannot be answered.
    """
    asked = parameters(challenge)
    algorithm = asked.get("algorithm", "MD5")
    offered = [quality.strip() for quality in asked.get("qop", "").split(",") if quality.strip()]
    known = algorithm.upper() in _HASHES
    if not known or "nonce" not in asked or (offered and "auth" not in offered):
        raise CannotAuthenticate("the challenge asks for something this phone does not speak")
    given = {
        "username": who.username,
        "realm": asked.get("realm", ""),
        "nonce": asked["nonce"],
        "uri": uri,
        "algorithm": algorithm,
    }
    if offered:
        given |= {"qop": "auth", "nc": "00000001", "cnonce": secrets.token_hex(8)}
    if "opaque" in asked:
        given["opaque"] = asked["opaque"]
    given["response"] = _response(given, who.password, method)
    bare = {"algorithm", "qop", "nc"}
    return "Digest " + ", ".join(
        f"{name}={value}" if name in bare else f'{name}="{value}"' for name, value in given.items()
    )


def challenge(realm: str) -> str:
    """Ask a caller who they are: the value of WWW-Authenticate or Proxy-Authenticate."""
    return f'Digest realm="{realm}", nonce="{secrets.token_hex(16)}", algorithm=MD5, qop="auth"'


def proves(header: str, asked: str, who: Credentials, *, method: str) -> bool:
    """Whether an Authorization answers our challenge `asked` with the right password."""
    given = parameters(header)
    same = given.get("nonce") == parameters(asked)["nonce"]
    if not same or given.get("username") != who.username or "uri" not in given:
        return False
    if given.get("algorithm", "MD5").upper() not in _HASHES:
        return False
    expected = _response(given, who.password, method)
    return hmac.compare_digest(expected, given.get("response", ""))


def _response(given: Mapping[str, str], password: str, method: str) -> str:
    algorithm = _HASHES[given.get("algorithm", "MD5").upper()]

    def digest(*parts: str) -> str:
        return algorithm(":".join(parts).encode()).hexdigest()

    secret = digest(given["username"], given.get("realm", ""), password)
    what = digest(method, given["uri"])
    if "qop" not in given:
        return digest(secret, given["nonce"], what)
    nonces = (given["nonce"], given.get("nc", ""), given.get("cnonce", ""))
    return digest(secret, *nonces, given["qop"], what)
