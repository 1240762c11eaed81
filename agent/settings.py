"""Every setting of the worker, read from the environment once.

`docs/settings.md` lists each with its unit and default; a test holds the two together. Jobs inherit
the worker's environment, so a job reads the same values as its parent.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _begins(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        if not url.startswith(schemes) or url in schemes:
            raise ValueError(f"an address begins {' or '.join(schemes)} and names a host")
        return url

    return AfterValidator(check)


def _headers(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(?:[\w-]+=[ -+\--~]+(?:,|$))*", value.get_secret_value()):
        raise ValueError("headers are written name=value,name=value")
    return value


class Settings(BaseSettings):
    """The worker's environment: LiveKit, the model, where files go, how many calls."""

    model_config = SettingsConfigDict(
        extra="ignore", populate_by_name=True, use_attribute_docstrings=True
    )

    livekit_url: Annotated[str, _begins("ws://", "wss://", "http://", "https://")] = Field(
        validation_alias="LIVEKIT_URL"
    )
    """WebSocket address of livekit-server, for example `wss://sip.example.com`. Required."""

    livekit_api_key: str = Field(min_length=1, validation_alias="LIVEKIT_API_KEY")
    """API key known to livekit-server. Required."""

    livekit_api_secret: SecretStr = Field(min_length=1, validation_alias="LIVEKIT_API_SECRET")
    """Secret of that key; never printed. Required."""

    livekit_retries: int = Field(16, ge=0, validation_alias="FRONTDESK_LIVEKIT_RETRIES")
    """How often a connection to LiveKit that failed is tried again before the worker exits with 1;
    after waits of 0, 2, 4, 6, 8 and then 10 s each, so that 16 take about two minutes."""

    openai_api_key: SecretStr = Field(min_length=1, validation_alias="OPENAI_API_KEY")
    """Key for the speech-to-speech model; never printed. Required."""

    openai_base_url: Annotated[str, _begins("http://", "https://", "ws://", "wss://")] = Field(
        "https://api.openai.com/v1", validation_alias="OPENAI_BASE_URL"
    )
    """Where the Realtime protocol is spoken; another base URL is the only thing that makes a
    call use the scripted model of the rehearsal instead of OpenAI."""

    agent_name: str = Field("frontdesk", validation_alias="FRONTDESK_AGENT_NAME")
    """The name that dispatch rules call this worker by."""

    profiles: Path = Field(Path("profiles"), validation_alias="FRONTDESK_PROFILES")
    """Folder of profile YAML files, one per company or line."""

    max_calls: int = Field(20, ge=1, validation_alias="FRONTDESK_MAX_CALLS")
    """Calls this worker carries at once; one more is refused so that another worker may take it."""

    idle_processes: int = Field(2, ge=1, validation_alias="FRONTDESK_IDLE_PROCESSES")
    """Job processes kept warm; a call that finds none waits about 2 s longer for its answer."""

    budget_day: Decimal | None = Field(None, gt=0, validation_alias="FRONTDESK_BUDGET_DAY")
    """What all calls of one day (UTC) on one database may cost, in the currency of the price book.
    Once it is spent, callers hear a sentence instead of the model until the day is over; calls that
    are going on are not cut off. No limit without it."""

    drain_timeout_s: int = Field(3600, ge=1, validation_alias="FRONTDESK_DRAIN_TIMEOUT_S")
    """Seconds that SIGTERM lets calls in progress go on before they are closed, which takes up to
    60 s more: whatever stops the worker (systemd, Kubernetes, compose) must wait for both."""

    http_host: str = Field("127.0.0.1", validation_alias="FRONTDESK_HTTP_HOST")
    """Address that `/`, `/worker` and `/metrics` bind to; none of them asks for a password."""

    http_port: int = Field(8081, ge=0, le=65535, validation_alias="FRONTDESK_HTTP_PORT")
    """Port of the health check `/` and of `/worker`."""

    metrics_port: int = Field(9464, ge=0, le=65535, validation_alias="FRONTDESK_METRICS_PORT")
    """Port of `/metrics`."""

    ready_file: Path | None = Field(None, validation_alias="FRONTDESK_READY_FILE")
    """File written with the worker's pid once LiveKit has registered it, removed on drain."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias="FRONTDESK_LOG_LEVEL"
    )
    """Least severe level that is logged."""

    log_pii: bool = Field(False, validation_alias="FRONTDESK_LOG_PII")
    """Keep `pii.` fields in logs: callers' words and numbers. For a developer's machine only."""

    traces_otlp_url: Annotated[str, _begins("http://", "https://")] | None = Field(
        None, validation_alias="FRONTDESK_TRACES_OTLP_URL"
    )
    """Where traces of calls are sent by OTLP over HTTP, for example `http://collector:4318`;
    `/v1/traces` is added to an address without a path. None sends none, whatever `OTEL_...`
    variables say; with it those of headers, certificates, compression and sampling are heeded."""

    traces_otlp_headers: Annotated[SecretStr, AfterValidator(_headers)] = Field(
        SecretStr(""), validation_alias="FRONTDESK_TRACES_OTLP_HEADERS"
    )
    """Headers for that receiver, `name=value,name=value`, for example a key; never printed."""

    traces_dir: Path | None = Field(None, validation_alias="FRONTDESK_TRACES_DIR")
    """Folder that gets a file with the trace of each call, in a folder for each day."""

    traces_keep_days: int = Field(7, ge=1, validation_alias="FRONTDESK_TRACES_KEEP_DAYS")
    """Days after which the files in that folder are removed."""

    traces_pii: bool = Field(False, validation_alias="FRONTDESK_TRACES_PII")
    """Keep callers' words and numbers in traces. For a developer's machine only."""
