"""Which series there are, read from the programs that register them.

The simulated hour makes its series from these, so that names, labels and buckets are the real
ones; a test holds every panel and rule to them. LiveKit's own are listed with their source, since
its programs are not ours to import or are written in Go.
"""

import importlib
import re
from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from sip.metrics import Metrics as WatcherMetrics


@dataclass(frozen=True)
class Series:
    """One series. `kind` is counter, gauge or histogram; `buckets` only of a histogram."""

    name: str
    kind: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def names(self) -> set[str]:
        """The names that queries use."""
        if self.kind != "histogram":
            return {self.name}
        return {f"{self.name}_{suffix}" for suffix in ("bucket", "count", "sum")}


NOT_SERIES = re.compile(
    r"sum|max|min|avg|count|by|without|on|ignoring|group_left|or|and|unless|absent|vector|rate"
    r"|increase|deriv|histogram_quantile|\w+_over_time|offset|bool|scalar"
)
# livekit/agents/telemetry/metrics.py of livekit-agents 1.8.9; on the worker's own endpoint.
AGENTS = (
    Series("lk_agents_active_job_count", "gauge", ("nodename",)),
    Series("lk_agents_child_process_count", "gauge", ("nodename",)),
    Series("lk_agents_worker_load", "gauge", ("nodename",)),
)
# pkg/stats/monitor.go of livekit-sip 1.8.0; where its `prometheus_port` says.
SIP = (
    Series("livekit_sip_invite_requests", "counter", ("node_id", "dir", "to")),
    Series("livekit_sip_invite_error", "counter", ("node_id", "dir", "to", "reason")),
)


def worker() -> dict[str, Series]:
    """What `agent/metrics.py` registers, by name."""
    # Importing it registers them in prometheus-client's own registry.
    importlib.import_module("agent.metrics")
    return _registered(REGISTRY)


def watcher() -> dict[str, Series]:
    """What `sip/metrics.py` registers, by name."""
    return _registered(WatcherMetrics().registry)


def livekit() -> dict[str, Series]:
    """What LiveKit's programs serve and we use, by name."""
    return {series.name: series for series in (*AGENTS, *SIP)}


def series_in(expr: str) -> set[str]:
    """The names of the series that an expression reads, suffixes of histograms included."""
    bare = re.sub(r'"(\\.|[^"\\])*"|\{[^}]*\}|\[[^]]*\]', " ", expr)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left)\s*\([^)]*\)", " ", bare)
    words = set(re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*", bare))
    return {word for word in words if not NOT_SERIES.fullmatch(word)}


def _registered(registry: CollectorRegistry) -> dict[str, Series]:
    # The library has no other way to ask what it holds.
    collectors = [c for c in registry._collector_to_names if isinstance(c, MetricWrapperBase)]
    found = (_series(collector) for collector in collectors)
    return {series.name: series for series in found if series.name.startswith("frontdesk_")}


def _series(collector: MetricWrapperBase) -> Series:
    kind = collector._type or ""
    suffix = "_total" if kind == "counter" else ""
    buckets = tuple(collector._kwargs.get("buckets", ()))
    return Series(f"{collector._name}{suffix}", kind, tuple(collector._labelnames), buckets)
