"""Every setting of the records, once. Read by whoever opens the store, before a call."""

import base64
import binascii
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from records.prices import BOOK

KEY_BYTES = 32


class RecordsAccess(BaseSettings):
    """Where the record of calls is kept; environment variables begin FRONTDESK_RECORDS_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_RECORDS_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: str = Field(
        default="sqlite+aiosqlite:///records.db",
        pattern=r"^(sqlite\+aiosqlite:///|postgresql\+psycopg://)\S+$",
    )
    """The database: `sqlite+aiosqlite:///FILE` for the workers of one machine, or
    `postgresql+psycopg://USER:PASSWORD@HOST/NAME` for those of many. Workers make its tables."""

    key: SecretStr
    """Seals what a record holds of anybody: 32 bytes in base64. No default; `openssl rand -base64
    32` makes one. Whoever loses it loses what was sealed. A record belongs to the key it was begun
    with, the same for all its workers: with another no worker starts on it, since no wish would be
    found again. A key cannot be changed yet; a new one needs a new database."""

    wait_s: float = Field(default=1.0, gt=0, le=2)
    """Seconds to wait for the database, or for another process that is writing, before a use of a
    tool goes on without it: a write is then refused, a read still works."""

    spool: Path = Path("spool")
    """Folder on the worker's own disk for what the database does not have yet of each call; sealed.
    It must outlive the worker's process. Workers of one machine may share it."""

    spool_mb: int = Field(default=1024, ge=16)
    """Megabytes that all calls in it may take together. Past that a call is kept in memory alone
    until the database has it."""

    @field_validator("key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        try:
            size = len(base64.b64decode(key.get_secret_value(), validate=True))
        except (binascii.Error, ValueError):
            size = 0
        if size != KEY_BYTES:
            raise ValueError("it must be 32 bytes in base64: openssl rand -base64 32")
        return key

    @property
    def spool_bytes(self) -> int:
        """What the spool may take, in bytes."""
        return self.spool_mb * 1024 * 1024

    @property
    def key_bytes(self) -> bytes:
        """The key itself."""
        return base64.b64decode(self.key.get_secret_value())


class PriceSettings(BaseSettings):
    """What calls are paid by; environment variables begin FRONTDESK_RECORDS_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_RECORDS_", use_attribute_docstrings=True, extra="ignore"
    )

    prices: Path = BOOK
    """File with the prices of models, telephony, platform and storage (see [Cost](cost.md)). The
    one that is shipped holds public list prices in US dollars."""


class Retention(BaseSettings):
    """How long what is kept, in days since a call's end; variables begin FRONTDESK_RETENTION_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_RETENTION_", use_attribute_docstrings=True, extra="ignore"
    )

    sound_days: int | None = Field(default=90, ge=0)
    """Recordings. Empty keeps them as long as words."""

    words_days: int | None = Field(default=90, ge=0)
    """What was said, numbers, what tools were asked for, recordings: with the key of the call.
    Empty keeps them for ever."""

    facts_days: int | None = Field(default=730, ge=0)
    """That there was a call, how it ended, what it used and cost. At least as long as words; empty
    keeps them for ever."""

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_for_ever(cls, value: object) -> object:
        return None if value == "" else value
