"""docs/sip.md keeps up with the code."""

import re
from pathlib import Path

import pytest

from sip.desired import Auth, Desired, Trunk
from sip.metrics import Metrics
from sip.settings import Settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "sip.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({**Desired.model_fields, **Trunk.model_fields}))
def test_each_field_of_a_file_is_documented(name: str) -> None:
    """Every key that a trunk file may hold has its row."""
    assert f"| `{name}` |" in DOCUMENT


@pytest.mark.parametrize("name", sorted(Auth.model_fields))
def test_each_field_of_auth_is_documented(name: str) -> None:
    """Every key of `auth` has its row."""
    assert f"| `auth.{name}` |" in DOCUMENT


def test_each_setting_and_series_that_is_named_exists() -> None:
    """The page explains; tables of both are generated elsewhere, so names here could grow stale."""
    series = {f"{metric.name}_total" for metric in Metrics().registry.collect()}
    aliases = {field.validation_alias for field in Settings.model_fields.values()}
    prefix = "FRONTDESK_SIP_"
    known = {f"{prefix}{name.upper()}" for name in Settings.model_fields} | aliases
    # The worker's own, which a trunk file refers to.
    known |= {"FRONTDESK_AGENT_NAME", prefix}

    named = set(re.findall(r"\bFRONTDESK_[A-Z_]+", DOCUMENT))
    named_series = set(re.findall(r"\bfrontdesk_\w+_total", DOCUMENT))

    assert named <= known
    assert named_series <= series
    assert len(named) > 4
    assert len(named_series) > 1
