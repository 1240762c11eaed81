"""Every Prometheus series of the watcher, once; docs/metrics.md has the table.

Labels come from closed sets: a number, an identity or a room never becomes one.
"""

from collections.abc import Iterable
from typing import get_args

from prometheus_client import CollectorRegistry, Counter

from sip.unanswered import Verdict

ORPHAN_RESULTS = ("closed", "left_open", "failed")
WEBHOOK_RESULTS = ("used", "ignored", "refused", "malformed")


class Metrics:
    """The series in a registry of their own, every label at 0 from the start so alerts can rise."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.watched = self._counter(
            "calls_watched", "Calls whose end the watcher saw, answered or not."
        )
        self.unanswered = self._counter(
            "calls_unanswered",
            "Callers who left before any worker joined: no_agent after waiting, gave_up at once.",
            reason=set(get_args(Verdict)) - {"answered"},
        )
        self.forgotten = self._counter(
            "calls_forgotten",
            "Calls dropped without a verdict because too many were open at once.",
        )
        self.orphaned = self._counter(
            "calls_orphaned",
            "Callers whom an agent left alone on the line, by what the watcher did about it.",
            result=ORPHAN_RESULTS,
        )
        self.webhooks = self._counter(
            "webhooks", "Webhooks received, by what became of them.", result=WEBHOOK_RESULTS
        )
        self.webhooks_dropped = self._counter(
            "webhooks_dropped",
            "Webhooks that LiveKit says it gave up on; calls in them were not watched.",
        )

    def _counter(self, name: str, about: str, **labels: Iterable[str]) -> Counter:
        made = Counter(f"frontdesk_{name}", about, list(labels), registry=self.registry)
        for label, values in labels.items():
            for value in values:
                made.labels(**{label: value})
        return made
