"""docs/sip.md keeps up with the code."""

from pathlib import Path

import pytest
from prometheus_client import Counter

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


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_each_setting_is_documented(name: str) -> None:
    """Every environment variable has its row with unit and default."""
    alias = Settings.model_fields[name].validation_alias
    assert f"| `{alias or 'FRONTDESK_SIP_' + name.upper()}` |" in DOCUMENT


def test_each_series_is_documented() -> None:
    """Every Prometheus series has its row, under the name that a scrape shows."""
    metrics = Metrics()
    counters = [value for value in vars(metrics).values() if isinstance(value, Counter)]

    assert len(counters) >= 5
    for counter in counters:
        assert f"| `{next(iter(counter.describe())).name}_total" in DOCUMENT
