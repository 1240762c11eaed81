"""The worker's settings: read from the environment once, and refused where they make no sense."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.settings import Settings

NEEDED = {
    "LIVEKIT_URL": "wss://sip.example.com",
    "LIVEKIT_API_KEY": "key",
    "LIVEKIT_API_SECRET": "a-secret",
    "OPENAI_API_KEY": "another-secret",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Only what is needed is set."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_four_variables_are_enough() -> None:
    """Everything else has a default that a single machine can live with."""
    settings = Settings()

    assert settings.openai_base_url == "https://api.openai.com/v1"
    assert (settings.http_host, settings.max_calls) == ("127.0.0.1", 20)
    assert settings.ready_file is None


def test_every_variable_is_read(environment: pytest.MonkeyPatch) -> None:
    """By the name that docs/settings.md lists."""
    environment.setenv("FRONTDESK_MAX_CALLS", "3")
    environment.setenv("FRONTDESK_READY_FILE", "run/ready")
    environment.setenv("FRONTDESK_LOG_PII", "true")

    settings = Settings()

    assert (settings.max_calls, settings.ready_file) == (3, Path("run/ready"))
    assert settings.log_pii


def test_no_secret_is_printed() -> None:
    """Neither by repr nor by a dump that lands in a log."""
    settings = Settings()

    assert "secret" not in f"{settings!r} {settings.model_dump()}".replace("livekit_api_secret", "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LIVEKIT_URL", "sip.example.com"),
        ("LIVEKIT_URL", "ws://"),
        ("LIVEKIT_URL", ""),
        ("LIVEKIT_API_KEY", ""),
        ("LIVEKIT_API_SECRET", ""),
        ("OPENAI_API_KEY", ""),
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("FRONTDESK_MAX_CALLS", "0"),
        ("FRONTDESK_IDLE_PROCESSES", "0"),
        ("FRONTDESK_DRAIN_TIMEOUT_S", "soon"),
        ("FRONTDESK_HTTP_PORT", "65536"),
        ("FRONTDESK_METRICS_PORT", "-1"),
        ("FRONTDESK_LIVEKIT_RETRIES", "-1"),
        ("FRONTDESK_LOG_LEVEL", "chatty"),
        ("FRONTDESK_TRACES_OTLP_URL", "collector:4318"),
        ("FRONTDESK_TRACES_OTLP_HEADERS", "a-key"),
        ("FRONTDESK_TRACES_OTLP_HEADERS", "key=a\nb"),
        ("FRONTDESK_TRACES_KEEP_DAYS", "0"),
    ],
)
def test_nonsense_is_refused_by_its_variable(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Before a call finds out."""
    environment.setenv(variable, value)

    with pytest.raises(ValidationError) as caught:
        Settings()

    assert [error["loc"] for error in caught.value.errors()] == [(variable,)]
