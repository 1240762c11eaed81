"""Writes the simulated hour as OpenMetrics, a time on every sample, as if it had been scraped.

promtool makes blocks of a Prometheus from it (`dashboards.prometheus`), so that an hour is there
in seconds.
"""

import random
from pathlib import Path
from typing import TextIO

from dashboards.series import livekit, watcher, worker
from dashboards.simulated import Hour, gauges
from dashboards.simulated_call import HOUR_S
from dashboards.targets import Target
from sip.metrics import ORPHAN_RESULTS, WEBHOOK_RESULTS

SCRAPE_S = 60
SEED = 7


def write(file: Path, *, ends_at: float, seed: int = SEED) -> None:
    """Write the simulated hour that ends at the Unix time `ends_at`, as OpenMetrics."""
    hour = _planned(seed)
    begins_at = ends_at - HOUR_S
    deeds = sorted(hour.deeds, key=lambda deed: deed[0])
    done = 0
    with file.open("w", encoding="utf-8") as written:
        for at_s in range(0, HOUR_S + 1, SCRAPE_S):
            while done < len(deeds) and deeds[done][0] <= at_s:
                deeds[done][1]()
                done += 1
            _scrape(hour, at_s, begins_at + at_s, written)
        written.write("# EOF\n")


def _planned(seed: int) -> Hour:
    on_worker = [*worker().values(), *(s for s in livekit().values() if "agents" in s.name)]
    workers = [Target("worker", f"worker-{n}:9464", on_worker) for n in (1, 2)]
    at_trunk = Target(
        "livekit-sip", "sip-1:6789", [s for s in livekit().values() if "_sip_" in s.name]
    )
    hour = Hour(
        random.Random(seed),
        workers,
        Target("watcher", "watcher-1:8084", watcher().values()),
        at_trunk,
    )
    for result in ORPHAN_RESULTS:
        hour.watcher.add("frontdesk_calls_orphaned_total", 0, result=result)
    for result in WEBHOOK_RESULTS:
        hour.watcher.add("frontdesk_webhooks_total", 0, result=result)
    # The hour before: a counter that is first seen at 1 has not risen, as Prometheus sees it.
    hour.calls(begins_s=-HOUR_S)
    hour.calls(begins_s=0)
    return hour


def _scrape(hour: Hour, at_s: int, at: float, written: TextIO) -> None:
    for worker_ in hour.workers:
        for name, value, labels in gauges(hour.chance, at_s):
            worker_.set(name, value, labels)
    for target in (*hour.workers, hour.watcher, hour.sip):
        for line in target.scraped():
            written.write(f"{line} {at:.3f}\n")
