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


class RecordingStorage(BaseSettings):
    """Where recordings go; environment variables begin FRONTDESK_RECORDINGS_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_RECORDINGS_",
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    url: str = Field(default="recordings", pattern=r"^(s3://[a-z0-9.-]+(/\S*)?|[^:]+)$")
    """A folder, for one machine, or `s3://BUCKET/PREFIX`. What is stored is sealed for its call."""

    endpoint: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Address of a storage that speaks S3 and is not Amazon's, for example
    `https://minio.example.com`; with `http://` nothing but the seal protects what is sent."""

    region: str | None = None
    """Region of the bucket; by default `AWS_REGION`, or `us-east-1`."""

    access_key_id: str | None = None
    """Who we are to the storage; by default `AWS_ACCESS_KEY_ID`, or the role of the machine."""

    secret_access_key: SecretStr | None = None
    """Its secret, never printed; by default `AWS_SECRET_ACCESS_KEY`, or the role of the machine."""

    connect_timeout_s: float = Field(default=5.0, gt=0)
    """Seconds to wait for a connection to the storage."""

    transfer_timeout_s: float = Field(default=60.0, gt=0)
    """Seconds in which one recording must have been sent and read back; an hour has about 15 MB."""

    waiting: Path = Path("recordings-waiting")
    """Folder on this machine where recordings are written, and wait for the storage. One for the
    workers of a machine; what is in it must survive a restart."""

    most_backlog_mb: int = Field(default=1024, ge=1)
    """Megabytes that may wait there. While more waits, new calls are not recorded, which their
    records tell; what waits is never deleted for it."""

    @property
    def most_backlog_bytes(self) -> int:
        """The same in bytes."""
        return self.most_backlog_mb * 1_000_000
