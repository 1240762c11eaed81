"""Settings from the environment: every mistake names its variable, and no value is repeated."""

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from configs import WrongSettings, read_environment


class Lamp(BaseSettings):
    """Settings of a lamp."""

    model_config = SettingsConfigDict(env_prefix="LAMP_")

    watts: int = 40
    """Power."""

    key: str = Field(validation_alias="LAMPS_API_KEY")
    """A field whose variable has a name of its own."""


def test_good_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """From their variables, with defaults for what is not said."""
    monkeypatch.setenv("LAMPS_API_KEY", "k")

    lamp = read_environment(Lamp)
    assert (lamp.watts, lamp.key) == (40, "k")


def test_every_mistake_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """All at once, and without what somebody may have put into the wrong place."""
    monkeypatch.setenv("LAMP_WATTS", "sk-secret")

    with pytest.raises(WrongSettings) as wrong:
        read_environment(Lamp)

    watts, key = wrong.value.mistakes
    assert watts.startswith("setting LAMP_WATTS: Input should be a valid integer")
    assert key == "setting LAMPS_API_KEY: Field required (see docs/settings.md)"
    assert "sk-secret" not in str(wrong.value)
