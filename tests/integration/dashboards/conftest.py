"""A real Prometheus that holds the simulated hour and has loaded our rules."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dashboards.answers import Span
from dashboards.openmetrics import write
from dashboards.prometheus import Prometheus, blocks, serving

EVALUATED_TIMEOUT_S = 30.0
HERE = Path(__file__).parents[3] / "dashboards"


class Hour(NamedTuple):
    """The server, and the hour it holds."""

    prometheus: Prometheus
    span: Span


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hour]:
    """The hour that ends now, so that rules which look back find it."""
    folder, ends = tmp_path_factory.mktemp("hour"), time.time()
    write(folder / "hour.om", ends_at=ends)
    blocks(folder / "hour.om", folder / "data")
    rules = []
    for file in (HERE / "rules").glob("*.yaml"):
        # A group waits up to its interval before it begins; the server's own is a second.
        text = re.sub(r"^  interval: .*\n", "", file.read_text(encoding="utf-8"), flags=re.M)
        rules.append(folder / file.name)
        rules[-1].write_text(text, encoding="utf-8")
    with serving(folder / "data", rules) as prometheus:
        yield Hour(prometheus, Span(ends - 3600, ends))


def evaluated(hour: Hour) -> list[dict[str, Any]]:
    """All rules, once each has been evaluated."""
    deadline = time.monotonic() + EVALUATED_TIMEOUT_S
    loaded = hour.prometheus.rules()
    while any(rule["health"] == "unknown" for rule in loaded):
        if time.monotonic() > deadline:
            pytest.fail("some rules were never evaluated")
        time.sleep(0.05)
        loaded = hour.prometheus.rules()
    return loaded
