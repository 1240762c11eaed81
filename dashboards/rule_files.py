"""The rules that Prometheus loads, made of `dashboards.slo` and `dashboards.alarms`.

Recording rules keep, for each promise and window, the share of bad events and how many events there
were; the alerts read those, so that a window of three days is summed once in a while and not by
every alert.
"""

from typing import Any

import yaml

from dashboards.alarms import ALARMS, Alarm
from dashboards.slo import BURNS, SLOS, WINDOWS, Burn, Slo, over

HEAD = "# Written by `make dashboards` from dashboards/slo.py and dashboards/alarms.py.\n"
# A short window is empty between two calls at night; the alert should not come and go with it.
KEEP_FIRING = "10m"
# The long windows move slowly and are dear to sum.
EVERY = {"6h": "2m", "3d": "5m"}

Rule = dict[str, Any]


def recording() -> str:
    """dashboards/rules/recording.yaml."""
    groups = [
        {
            "name": f"frontdesk_slo_{window}",
            "interval": EVERY.get(window, "30s"),
            "rules": [rule for slo in SLOS for rule in _recorded(slo, window)],
        }
        for window in WINDOWS
    ]
    return _yaml({"groups": groups})


def alerting(runbook: str) -> str:
    """dashboards/rules/alerts.yaml; `runbook` is the address of docs/runbook.md."""
    burning = [_burning(slo, burn, runbook) for slo in SLOS for burn in BURNS]
    groups = [
        {"name": "frontdesk_promises", "rules": burning},
        {"name": "frontdesk_alarms", "rules": [_alarm(alarm, runbook) for alarm in ALARMS]},
    ]
    return _yaml({"groups": groups})


def section(alert: str) -> str:
    """The anchor of an alert's section in docs/runbook.md."""
    return alert.lower()


def _recorded(slo: Slo, window: str) -> list[Rule]:
    bad, total = over(slo.bad, window), over(slo.total, window)
    exprs = {
        f"frontdesk:slo_events:increase{window}": total,
        f"frontdesk:slo_bad:ratio_rate{window}": f"({bad}) / ({total})",
    }
    return [
        {"record": name, "expr": expr, "labels": {"slo": slo.name}} for name, expr in exprs.items()
    ]


def _burning(slo: Slo, burn: Burn, runbook: str) -> Rule:
    where, limit = f'{{slo="{slo.name}"}}', f"{slo.threshold(burn):g}"
    expr = (
        f"frontdesk:slo_bad:ratio_rate{burn.long}{where} > {limit}"
        f" and frontdesk:slo_bad:ratio_rate{burn.short}{where} > {limit}"
        f" and frontdesk:slo_events:increase{burn.long}{where} >= {slo.least(burn)}"
    )
    summary = (
        f"{{{{ $value | humanizePercentage }}}} of {slo.counts} in {burn.long} were bad: the budget"
        f" burns {burn.times:g} times too fast"
        if burn.times > 1
        else f"{{{{ $value | humanizePercentage }}}} of {slo.counts} in {burn.long} were bad: the"
        " month's budget will be spent"
    )
    return {
        "alert": slo.alert,
        "expr": expr,
        "keep_firing_for": KEEP_FIRING,
        "labels": {"severity": burn.severity, "burn": f"{burn.times:g}x"},
        "annotations": {
            "summary": summary,
            "description": f"Promised: {slo.promise}. {slo.notices} {slo.first}",
            "runbook_url": f"{runbook}#{section(slo.alert)}",
        },
    }


def _alarm(alarm: Alarm, runbook: str) -> Rule:
    rule: Rule = {"alert": alarm.name, "expr": alarm.expr}
    if alarm.held != "0m":
        rule["for"] = alarm.held
    return rule | {
        "labels": {"severity": alarm.severity},
        "annotations": {
            "summary": alarm.summary,
            "description": f"{alarm.notices} {alarm.first}",
            "runbook_url": f"{runbook}#{section(alarm.name)}",
        },
    }


def _yaml(document: object) -> str:
    return HEAD + yaml.safe_dump(document, sort_keys=False, width=100, allow_unicode=True)
