"""Every file that is made from the data here and committed: Grafana's JSON, Prometheus' rules."""

from dashboards.boards import BOARDS
from dashboards.grafana_json import dashboard_json
from dashboards.rule_files import alerting, recording

RUNBOOK = "docs/runbook.md"
"""Where the runbook stands; a relative address, until somebody generates with their own."""


def files(runbook: str = RUNBOOK) -> dict[str, str]:
    """The text of each file by its path below dashboards/."""
    boards = {f"grafana/{board.uid}.json": dashboard_json(board, runbook) for board in BOARDS}
    return boards | {
        "rules/recording.yaml": recording(),
        "rules/alerts.yaml": alerting(runbook),
    }
