"""Keeps what somebody said or asked for unreadable to whoever only has the database. Pure.

AES-GCM with a key from settings: a row that was altered, or moved to another row's place, does not
open. Digests are keyed too, so that nobody can try a customer's number against them.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed value was altered, belongs to another row, or was sealed with another key."""


class Seal:
    """Seals and opens with one 32-byte key."""

    def __init__(self, key: bytes) -> None:
        self._sealing = AESGCM(derived(key, b"frontdesk sealing"))
        self._digesting = derived(key, b"frontdesk digests")

    def seal(self, value: Mapping[str, Any], *, place: str) -> bytes:
        """`value` as bytes that open only at `place`: the id of a row and the name of a column."""
        nonce = os.urandom(NONCE_BYTES)
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        # Half a character, as a model's JSON may have it, must not keep anything out.
        plain = written.encode(errors="replace")
        return nonce + self._sealing.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> dict[str, Any]:
        """What was sealed at `place`.

        Raises:
            Unreadable: it was not sealed there, or not with this key.
        """
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            plain = self._sealing.decrypt(nonce, rest, place.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable(f"{place} cannot be opened with FRONTDESK_RECORDS_KEY") from error
        opened: dict[str, Any] = json.loads(plain)
        return opened

    def digest(self, *parts: object) -> str:
        """64 hex digits that stand for `parts`, the same for equal ones."""
        canonical = json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()
        return hmac.new(self._digesting, canonical, hashlib.sha256).hexdigest()


def derived(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose out of `key`."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)
