"""Every setting of `python -m sip`, read from the environment once; docs/settings.md lists them."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where LiveKit is, which file says what shall be, and how the watcher behaves."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_SIP_",
        extra="ignore",
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    livekit_url: str = Field(
        "ws://127.0.0.1:7880", validation_alias="LIVEKIT_URL", pattern=r"^(wss?|https?)://."
    )
    """Address of livekit-server."""

    livekit_api_key: str = Field("", validation_alias="LIVEKIT_API_KEY")
    """API key that livekit-server knows. `check` needs none."""

    livekit_api_secret: SecretStr = Field(SecretStr(""), validation_alias="LIVEKIT_API_SECRET")
    """Secret of that key; never printed."""

    file: Path = Path("trunks.yaml")
    """The trunk file, unless `--file` names another."""

    room_prefix: str = Field("call", pattern=r"^[A-Za-z0-9-]+$")
    """How names of rooms begin: rules make them so and the watcher knows calls by it."""

    request_timeout_s: float = Field(10.0, gt=0)
    """Seconds that LiveKit gets to answer one request."""

    watch_host: str = "127.0.0.1"
    """Address that the watcher binds to. `/metrics` and `/health` ask for no password."""

    watch_port: int = Field(8084, ge=0, le=65535)
    """Port of the watcher, unless `--port` names another; 0 takes a free one and logs it."""

    watch_patience_s: float = Field(3.0, ge=0)
    """Seconds after which a caller nobody took counts as `no_agent`, before as `gave_up`."""

    watch_settle_s: float = Field(5.0, ge=0)
    """Seconds that a webhook may come late after a call's end and still count."""

    watch_orphan_s: float = Field(6.0, gt=0)
    """Seconds that a caller may be alone after the agent has gone, before the watcher acts: longer
    than a worker takes to send somebody for a job that died."""

    watch_close_orphans: bool = True
    """Whether the watcher then closes that caller's line, by deleting the room; else it only counts
    and logs."""

    watch_rooms: int = Field(20_000, ge=1)
    """Calls remembered at once; the oldest is forgotten, and counted so, for one more."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias="FRONTDESK_LOG_LEVEL"
    )
    """Least severe level that the watcher logs."""
