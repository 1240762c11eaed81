"""Every setting of the rehearsal's back office, once; read by its `__main__` and by tests."""

from datetime import date
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class OfficeSettings(BaseSettings):
    """Settings of the stand-in office; environment variables begin FRONTDESK_REHEARSAL_OFFICE_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_REHEARSAL_OFFICE_", use_attribute_docstrings=True, extra="ignore"
    )

    host: str = "127.0.0.1"
    """Address to listen on. Leave it on loopback: the faults of this service are for rehearsals."""

    port: int = Field(default=8090, ge=1, le=65535)
    """TCP port to listen on."""

    database: Path = Path("office.sqlite")
    """SQLite file; created and seeded when missing, kept as it is when present."""

    key: SecretStr
    """Bearer key that every request but `/health` must carry. No default."""

    today: date | None = None
    """Day on which the data is seeded (ISO date). None: the company's own day, in Los Angeles."""
