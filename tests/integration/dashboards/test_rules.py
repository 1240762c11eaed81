"""promtool's own judgement of our rules and of the example of a configuration."""

import subprocess

import pytest

from tests.integration.dashboards.conftest import HERE

PROMTOOL_TIMEOUT_S = 60.0
TESTS = sorted((HERE / "rules" / "tests").glob("*.yaml"))


def promtool(*arguments: str) -> None:
    """Run it; what it complains of is the test's failure."""
    done = subprocess.run(
        ["promtool", *arguments],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=PROMTOOL_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("world", TESTS, ids=lambda file: file.stem)
def test_trouble_fires_a_night_does_not_and_what_is_over_stops(world: object) -> None:
    """As the worlds in dashboards/rules/tests/ say."""
    promtool("test", "rules", str(world))


def test_the_rules_and_the_example_are_what_prometheus_reads() -> None:
    """The example's paths lead to the rules."""
    promtool("check", "config", "prometheus.example.yaml")
