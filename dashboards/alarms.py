"""Alerts that are no shares of a promise: what must never happen, and what goes wrong before.

`dashboards.rules` makes alerting rules of them; docs/runbook.md has a section for each.
"""

from dataclasses import dataclass

from dashboards.promql import selector

UNPERSISTED_S = 60
BACKLOG_BYTES = 200_000_000
NEARLY_FULL = 0.85
DRAIN_S = 3600
LAG_S = 0.2
UNDERRUNS_PER_CALL_S = 0.1


@dataclass(frozen=True)
class Alarm:
    """One alert. `held` is how long it must be true; `severity` page, ticket or none.

    `summary` is one line; `notices` is what callers, or others, notice; `first` what to do first.
    """

    name: str
    expr: str
    held: str
    severity: str
    summary: str
    notices: str
    first: str


def _grew(series: str, window: str, where: str = "") -> str:
    return f"sum(increase({series}{selector(where)}[{window}])) > 0"


REACHABLE = (
    Alarm(
        "NobodyIsServed",
        # Increases are estimates: three calls may show as 2.9.
        'frontdesk:slo_events:increase30m{slo="calls"} > 2.5'
        ' and frontdesk:slo_bad:ratio_rate30m{slo="calls"} > 0.99',
        "0m",
        "page",
        "At least three calls in 30 minutes, and every one failed",
        "Nobody is served. At night there are too few calls for a rate, so that no other alert may"
        " tell.",
        "Ring a number of yours and listen, then go on as for CallsFail.",
    ),
    Alarm(
        "NoWorkerRegistered",
        "sum(frontdesk_worker_registered) < 1",
        "1m",
        "page",
        "No worker is registered with LiveKit",
        "Callers hear ringing that nobody answers.",
        "Read the newest lines of a worker's log: it says why it is not registered.",
    ),
    Alarm(
        "WorkerMetricsMissing",
        "absent(frontdesk_call_capacity)",
        "3m",
        "page",
        "Prometheus gets nothing from any worker",
        "Perhaps nothing; perhaps nobody is answered. No other alert on workers can tell now.",
        "Ring a number of yours, then look at Prometheus' targets.",
    ),
    Alarm(
        "WatcherMetricsMissing",
        "absent(frontdesk_calls_watched_total)",
        "5m",
        "ticket",
        "Prometheus gets nothing from the watcher",
        "Nothing, as long as workers answer; callers whom none takes would go unseen.",
        "Look whether `python -m sip watch` runs, then at Prometheus' targets.",
    ),
    Alarm(
        "CallersNotTaken",
        'sum(increase(frontdesk_calls_unanswered_total{reason="no_agent"}[30m])) > 1.5',
        "0m",
        "page",
        "Several callers within 30 minutes were taken by no worker",
        "They heard ringing until they gave up.",
        "Look at calls and capacity on the operations board: full, draining, or not registered?",
    ),
    Alarm(
        "CallersLeftAlone",
        _grew("frontdesk_calls_orphaned_total", "30m", 'result=~"left_open|failed"'),
        "0m",
        "page",
        "The watcher could not close the line of a caller whom an agent had left",
        "Somebody sits on an open line with nobody there, and pays for it.",
        "Read the watcher's log for the reason; close the room by LiveKit's command line.",
    ),
    Alarm(
        "CapacityNearlyUsed",
        "sum(frontdesk_calls_active) / sum(frontdesk_call_capacity) > " + f"{NEARLY_FULL}",
        "5m",
        "page",
        f"More than {NEARLY_FULL:.0%} of all places for calls are taken",
        "Nothing yet. When it is full, callers hear ringing.",
        "Add workers; look whether some are draining.",
    ),
    Alarm(
        "WorkerDrainsForLong",
        f"min_over_time(frontdesk_worker_draining[{DRAIN_S + 600}s]) == 1",
        "0m",
        "ticket",
        "{{ $labels.instance }} has been draining for more than an hour",
        "Nothing; but its place is missing, and a call on it may hang.",
        "Look which calls it still has, and whether they are calls.",
    ),
    Alarm(
        "WatcherIsBlind",
        'sum(increase(frontdesk_webhooks_total{result=~"refused|malformed"}[15m]))'
        " + sum(increase(frontdesk_webhooks_dropped_total[15m])) > 0",
        "15m",
        "ticket",
        "Webhooks of LiveKit do not reach the watcher, or not in a form it trusts",
        "Nothing; but callers whom nobody takes may not be counted.",
        "Compare the keys of LiveKit and of the watcher; look at the address LiveKit sends to.",
    ),
    Alarm(
        "Watchdog",
        "vector(1)",
        "0m",
        "none",
        "Alerting works: this alert always fires",
        "Nothing. When it stops, nobody would be told of anything.",
        "Send it to something outside that pages when it has not come for ten minutes.",
    ),
)
KEPT = (
    Alarm(
        "RecordEntriesLost",
        _grew("frontdesk_record_entries_lost_total", "1h"),
        "0m",
        "page",
        "Entries of call records were lost",
        "Nothing. What was said or done in a call may be missing from its record.",
        "Make room on the disk of the spool or bring the database back: more is lost meanwhile.",
    ),
    Alarm(
        "RecordsFallBehind",
        f"max(frontdesk_oldest_unpersisted_seconds) > {UNPERSISTED_S}",
        "2m",
        "page",
        f"Entries of call records have waited for the database longer than {UNPERSISTED_S} s",
        "Nothing. Entries are safe on the worker's disk until that is full or the machine is gone.",
        "Look whether the database answers, is full or is locked. Restart no worker before.",
    ),
    Alarm(
        "RecordsClosedAsLost",
        _grew("frontdesk_records_closed_lost_total", "1h"),
        "0m",
        "ticket",
        "Jobs died while they held calls",
        "A pause, then another job that goes on; or the end of the call.",
        "Look for killed processes: memory, node, a crash in the log.",
    ),
    Alarm(
        "RecordingBacklogGrows",
        f"sum(frontdesk_recording_backlog_bytes) > {BACKLOG_BYTES}"
        " and sum(deriv(frontdesk_recording_backlog_bytes[15m])) > 0",
        "15m",
        "ticket",
        "Recordings pile up on the workers' disks",
        "Nothing. Recordings cannot be heard yet, and are gone if the disk is.",
        "Look whether the storage can be reached and lets the worker write.",
    ),
    Alarm(
        "RecordingsFail",
        _grew("frontdesk_recordings_total", "1h", 'result="failed"'),
        "0m",
        "ticket",
        "Recordings were given up",
        "Nothing. Those calls have no audio.",
        "Read the worker's log for the reason; look at the storage and at the disk.",
    ),
    Alarm(
        "WritesUnsettled",
        "max(min_over_time(frontdesk_tool_writes_unsettled[30m])) > 0",
        "0m",
        "ticket",
        "For half an hour there were always writes whose end nobody knows",
        'Callers were told "I am confirming that" and have had no answer since.',
        "Run `python -m tools reconcile`, then look at `python -m tools follow-ups list`.",
    ),
)
STRAINED = (
    Alarm(
        "DayBudgetSpent",
        _grew("frontdesk_budget_stops_total", "1h", 'scope="day"'),
        "0m",
        "page",
        "The budget of the day is spent",
        "New callers hear that nobody can help now; calls in progress end politely.",
        "Look at cost by profile on the business board: more calls, or dearer ones? Then decide"
        " whether to raise the budget.",
    ),
    Alarm(
        "CallBudgetStops",
        'sum(increase(frontdesk_budget_stops_total{scope="call"}[1h])) > 2.5',
        "0m",
        "ticket",
        "Several calls within an hour ended because they had spent their budget",
        "They were ended politely in the middle of their business.",
        "Look at the longest calls: `python -m records cost`.",
    ),
    Alarm(
        "ToolSpared",
        "max by (tool) (frontdesk_tool_breaker_open) == 1",
        "10m",
        "ticket",
        "{{ $labels.tool }} has not been asked of the back office for ten minutes",
        "Callers are told at once that it does not work, and are offered a call back.",
        "Look at this tool on the tools board, then at the back office.",
    ),
    Alarm(
        "WorkerIsSlow",
        "histogram_quantile(0.99, sum by (le, instance)"
        f" (rate(frontdesk_event_loop_lag_seconds_bucket[10m]))) > {LAG_S}",
        "10m",
        "ticket",
        "Jobs on {{ $labels.instance }} come to work late",
        "Answers come late, and interrupting the agent takes longer.",
        "Look at the load of the machine and at calls on this worker; give it fewer.",
    ),
    Alarm(
        "VoiceStutters",
        "sum by (instance) (rate(frontdesk_audio_underruns_total[10m])) / sum by (instance)"
        f" (avg_over_time(frontdesk_calls_active[10m]) >= 1) > {UNDERRUNS_PER_CALL_S}",
        "5m",
        "page",
        "The agent's voice on {{ $labels.instance }} has gaps, more than one in ten seconds",
        "The agent's voice breaks up.",
        "Look at the load of the machine and at the network to the model; give it fewer calls.",
    ),
    Alarm(
        "WorkersDiffer",
        "count(count by (version, config_hash) (frontdesk_build_info)) > 1",
        "2h",
        "ticket",
        "Workers of different versions or settings have answered for two hours",
        "Calls differ by which worker takes them.",
        "Finish the roll-out, or take it back.",
    ),
)
ALARMS = (*REACHABLE, *KEPT, *STRAINED)
