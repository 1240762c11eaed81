"""Every Prometheus series of the watcher, once; docs/metrics.md has the table.

Labels come from closed sets: a number, an identity or a room never becomes one.
"""

from typing import get_args

from prometheus_client import CollectorRegistry, Counter

from sip.unanswered import Verdict

ORPHAN_RESULTS = ("closed", "left_open", "failed")
WEBHOOK_RESULTS = ("used", "ignored", "refused", "malformed")


class Metrics:
    """The series in a registry of their own, every label at 0 from the start so alerts can rise."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.watched = Counter(
            "frontdesk_calls_watched",
            "Calls whose end the watcher saw, answered or not.",
            registry=self.registry,
        )
        self.unanswered = Counter(
            "frontdesk_calls_unanswered",
            "Callers who left before any worker joined: no_agent after waiting, gave_up at once.",
            ["reason"],
            registry=self.registry,
        )
        self.forgotten = Counter(
            "frontdesk_calls_forgotten",
            "Calls dropped without a verdict because too many were open at once.",
            registry=self.registry,
        )
        self.orphaned = Counter(
            "frontdesk_calls_orphaned",
            "Callers whom an agent left alone on the line, by what the watcher did about it.",
            ["result"],
            registry=self.registry,
        )
        self.webhooks = Counter(
            "frontdesk_webhooks",
            "Webhooks received, by what became of them.",
            ["result"],
            registry=self.registry,
        )
        self.webhooks_dropped = Counter(
            "frontdesk_webhooks_dropped",
            "Webhooks that LiveKit says it gave up on; calls in them were not watched.",
            registry=self.registry,
        )
        for reason in set(get_args(Verdict)) - {"answered"}:
            self.unanswered.labels(reason)
        for result in ORPHAN_RESULTS:
            self.orphaned.labels(result)
        for result in WEBHOOK_RESULTS:
            self.webhooks.labels(result)
