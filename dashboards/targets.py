"""The programs of the simulated hour that Prometheus would scrape, and what it would read there.

`dashboards.simulated` says what happens; here it is counted with prometheus-client's own objects,
made from the real definitions (`dashboards.series`).
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dashboards.series import Series


class Target:
    """One program's series, in a registry of their own."""

    def __init__(self, job: str, instance: str, series: Iterable[Series]) -> None:
        self._scraped_as = f'instance="{instance}",job="{job}"'
        self._registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for one in series:
            self._make(one)

    def add(self, name: str, number: float = 1, **labels: str) -> None:
        """Let a counter rise."""
        counter = self._counters[name]
        (counter.labels(**labels) if labels else counter).inc(number)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Give a histogram a value."""
        histogram = self._histograms[name]
        (histogram.labels(**labels) if labels else histogram).observe(value)

    def set(self, name: str, value: float, labels: Mapping[str, str]) -> None:
        """Let a gauge be a value."""
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def move(self, name: str, by: float) -> None:
        """Let a gauge without labels rise or fall."""
        self._gauges[name].inc(by)

    def scraped(self) -> Iterator[str]:
        """What a scrape reads, one sample a line, without a time."""
        for family in self._registry.collect():
            # Go's counters of livekit-sip have no suffix; prometheus-client would give them one.
            suffixed = not family.name.startswith("livekit_")
            for sample in family.samples:
                if sample.name.endswith("_created"):
                    continue
                name = sample.name if suffixed else sample.name.removesuffix("_total")
                labels = ",".join(f'{label}="{value}"' for label, value in sample.labels.items())
                together = ",".join(filter(None, (labels, self._scraped_as)))
                yield f"{name}{{{together}}} {sample.value}"

    def _make(self, one: Series) -> None:
        name, labels, registry = one.name, one.labels, self._registry
        match one.kind:
            case "counter":
                self._counters[name] = Counter(name, name, labels, registry=registry)
            case "gauge":
                self._gauges[name] = Gauge(name, name, labels, registry=registry)
            case _:
                self._histograms[name] = Histogram(
                    name, name, labels, registry=registry, buckets=one.buckets
                )
