"""A key for each call, so that one caller can be forgotten by destroying what opens their calls.

What is kept of a call is sealed with random bytes of its own. They lie beside it, wrapped by a key
that is not in the database: the one of settings, or one that never leaves a KMS (`Keyring` is the
seam). Without its wrapped key nothing of a call can be read, also in a backup.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.sealing import NONCE_BYTES, Seal, Unreadable, derived

CALL_KEY_BYTES = 32


class Keyring(Protocol):
    """Wraps the keys of calls; a KMS does it by `encrypt` and `decrypt` with a key it keeps."""

    def wrap(self, key: bytes, *, call_id: str) -> bytes:
        """`key` as only this keyring opens it, for this call only."""

    def unwrap(self, wrapped: bytes, *, call_id: str) -> bytes:
        """The key that was wrapped for `call_id`.

        Raises:
            Unreadable: it was wrapped by another keyring, or for another call.
        """


class SettingsKeyring:
    """Wraps with the 32 bytes of FRONTDESK_RECORDS_KEY."""

    def __init__(self, key: bytes) -> None:
        self._wrapping = AESGCM(derived(key, b"frontdesk keys of calls"))

    def wrap(self, key: bytes, *, call_id: str) -> bytes:
        """See `Keyring`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, key, call_id.encode())

    def unwrap(self, wrapped: bytes, *, call_id: str) -> bytes:
        """See `Keyring`."""
        nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._wrapping.decrypt(nonce, rest, call_id.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable(
                f"the key of call {call_id} cannot be opened with FRONTDESK_RECORDS_KEY"
            ) from error


def keyring_of(key: bytes) -> Keyring:
    """The keyring of this installation, by the 32 bytes of its settings: the place for a KMS."""
    return SettingsKeyring(key)


@dataclass(frozen=True)
class CallKey:
    """The key of one call, as it works and as it is kept."""

    call_id: str
    key: bytes
    wrapped: bytes

    @cached_property
    def seal(self) -> Seal:
        """Seals what is kept of the call."""
        return Seal(self.key)


def new_key(keyring: Keyring, call_id: str) -> CallKey:
    """A key for a call that begins."""
    key = os.urandom(CALL_KEY_BYTES)
    return CallKey(call_id, key, keyring.wrap(key, call_id=call_id))


def known_key(keyring: Keyring, call_id: str, wrapped: bytes) -> CallKey:
    """The key of a call that began before.

    Raises:
        Unreadable: see `Keyring.unwrap`.
    """
    return CallKey(call_id, keyring.unwrap(wrapped, call_id=call_id), wrapped)
