"""Every setting of the tools, once. Read by whoever opens the `Office`, before a call."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SharedAccess(BaseSettings):
    """Where all calls count together; environment variables begin FRONTDESK_REDIS_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_REDIS_", use_attribute_docstrings=True, extra="ignore"
    )

    url: str | None = Field(default=None, pattern=r"^(rediss?|unix)://\S+$")
    """The Redis in which limits by the day, lockouts and breakers are counted, for example
    `redis://127.0.0.1:6379/0`; LiveKit's own will do. Without it every call counts for itself, and
    tools that move money are refused."""


class OfficeAccess(BaseSettings):
    """How to reach the back office; environment variables begin FRONTDESK_OFFICE_."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_OFFICE_", use_attribute_docstrings=True, extra="ignore"
    )

    url: str = Field(pattern=r"^https?://[^\s/]+(/\S*)?$")
    """Where the back office answers, for example https://api.example.com/v1. No default. An
    authority of your own is named by SSL_CERT_FILE or SSL_CERT_DIR, as for any OpenSSL program."""

    key: SecretStr = Field(min_length=1)
    """Bearer key for the back office. No default."""

    connect_timeout_s: float = Field(default=1.0, gt=0, le=10)
    """Seconds to wait for a connection to the back office, or for a free one. Deadlines of whole
    tool uses are part of each tool's policy."""
