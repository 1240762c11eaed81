"""Writes the simulated hour as OpenMetrics, a time on every sample, as if it had been scraped.

promtool makes blocks of a Prometheus from it (`dashboards.prometheus`), so that an hour is there
in seconds.
"""

import random
from pathlib import Path
from typing import TextIO

from dashboards.series import Series, livekit, watcher, worker
from dashboards.simulated import Hour, gauges
from dashboards.simulated_call import HOUR_S
from dashboards.targets import Target
from sip.metrics import ORPHAN_RESULTS, WEBHOOK_RESULTS

SCRAPE_S = 60
SEED = 7
LATENCIES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
# Agreed, and not registered by the worker yet; what is registered wins over its entry here,
# unless it lacks a label.
NOT_YET = (
    Series("frontdesk_calls_ended_total", "counter", ("profile", "outcome")),
    Series(
        "frontdesk_call_duration_seconds",
        "histogram",
        ("direction",),
        (15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0, 1800.0),
    ),
    Series("frontdesk_turns_total", "counter", ("speaker",)),
    Series("frontdesk_reprompts_total", "counter", ("kind",)),
    Series(
        "frontdesk_dead_air_seconds", "histogram", ("cause",), (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)
    ),
    Series("frontdesk_dead_air_events_total", "counter", ("cause",)),
    Series("frontdesk_model_connect_seconds", "histogram", ("model",), LATENCIES),
    Series("frontdesk_model_reconnects_total", "counter", ("model",)),
    Series("frontdesk_model_tokens_total", "counter", ("model", "direction", "kind")),
    Series("frontdesk_call_cost_usd_total", "counter", ("profile", "kind")),
    Series("frontdesk_budget_stops_total", "counter", ("scope",)),
    Series("frontdesk_identity_checks_total", "counter", ("method", "outcome")),
    Series("frontdesk_consent_total", "counter", ("policy", "answer")),
    Series("frontdesk_records_pending", "gauge"),
    Series("frontdesk_record_entries_lost_total", "counter"),
    Series("frontdesk_oldest_unpersisted_seconds", "gauge"),
    Series("frontdesk_recording_backlog_bytes", "gauge"),
    Series("frontdesk_recordings_total", "counter", ("result",)),
    Series("frontdesk_redactions_total", "counter", ("kind",)),
    Series("frontdesk_erasures_total", "counter"),
    Series("frontdesk_retention_deleted_total", "counter", ("class",)),
    Series(
        "frontdesk_event_loop_lag_seconds",
        "histogram",
        (),
        (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    ),
    Series("frontdesk_audio_underruns_total", "counter"),
    Series("frontdesk_tool_duplicates_suppressed_total", "counter", ("tool",)),
    Series("frontdesk_worker_registered", "gauge"),
    Series("frontdesk_worker_full_transitions_total", "counter"),
    Series("frontdesk_build_info", "gauge", ("version", "config_hash")),
)


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
    registered = worker()
    for series in NOT_YET:
        there = registered.get(series.name)
        if there is None or not set(series.labels) <= set(there.labels):
            registered[series.name] = series
    on_worker = [*registered.values(), *(s for s in livekit().values() if "agents" in s.name)]
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
