"""Writes docs/settings.md, docs/profile.md and docs/metrics.md from the code: none can be wrong.

`make docs` runs it; a test compares the pages with what it would write.
"""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, Metric
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from agent.audible import AUDIBLE_DBFS
from agent.heard import DEAD_S, LEAST_S, NOTICED_S
from agent.profile import Profile
from rehearsal.rehearse import agreement
from sip.metrics import Metrics as WatcherMetrics

DOCS = Path(__file__).parent
PACKAGES = {
    "agent": "The worker (`python -m agent`)",
    "tools": "Business tools",
    "records": "The record of tool uses",
    "sip": "Trunks and the watcher (`python -m sip`)",
    "rehearsal": "The rehearsal; none of these is needed in production",
}
SETTINGS_OPENING = """# Settings

Everything is set by environment variables, read once at start; units are in the names. Secrets are
never printed. This page is written by `make docs` from the code.

Set-up alone reads `FRONTDESK_PYTHON`, the Python to run on where those on PATH will not do.
"""
PROFILE_OPENING = """# Profiles

A profile is what answers on a number: one YAML file in the folder that `FRONTDESK_PROFILES` names,
one file for each line of a business. The number that was dialled picks it; a number that is in no
file gets the sentence "not in service", unless a file is named `not_in_service`: then that one
answers it. `python -m agent check` tells mistakes with their line; those in clips and tools when a
file can be read as a profile. `make call PROFILES=folder` rehearses yours.
This page is written by `make docs` from the code.

The profile of the rehearsal, `rehearsal/profiles/acme.yaml`, to copy from:
"""
# From `make bench`; a claim without where and when is none.
MEASURED = """Measured on 2026-11-25, on two cores
with some other work: -16 ms on average, and 52 ms for 95 % of 48 answers; 16 of 16 silences within
20 ms. With several times more to do than they could, sound came late behind the worker: +42 ms, and
164 ms, of 30."""
METRICS_OPENING = """# Metrics

Prometheus series, all with the prefix `frontdesk_`. Labels are closed sets: never a call, a number
or anybody's words. This page is written by `make docs` from the code.

The worker serves `/metrics` from its parent process; jobs report to it over a local socket, so that
a killed job leaves no gauge behind. LiveKit's own `lk_agents_*` series are on the same endpoint.

What is not there yet stays at 0 or has no series: names and labels are fixed here first.

## The clock is the caller's

`frontdesk_turn_response_seconds` starts where the worker heard the caller's voice end, and stops
when the first *audible* sound of the model's answer leaves towards the caller: louder than
{audible_dbfs:g} dBFS in what a telephone lets through. That a session says it speaks counts for
nothing, nor does the silence with which models begin. Only the model's own words are a response. A
fixed sentence that bridges the wait is none; how long the caller heard nothing at all is
`frontdesk_turn_first_sound_seconds`, with `sound="clip"` where such a sentence came first.

The caller waits longer than the metric says by the path constant: sound takes about {up_ms} ms from
the phone to the worker and {down_ms} ms back through livekit-sip, and the local voice detection has
a voice end about {end_late_ms} ms late. Together {path_ms} ms on one machine; real carriers add
their own path. `make bench` checks it on the waveform of the caller's leg, answer by answer, and
`make call` shows it for one call. What is left is promised to be 50 ms at most on average, and
150 ms at most for 95 % of answers. {measured}

Dead air (`frontdesk_dead_air_seconds`) is silence from both sides of {least_s:g} s and more between
the answer and the end, by the same ears: the agent's voice as it leaves, the caller's as the voice
detection hears it. Its cause is what of ours it waited for longest: `start` the greeting, `model`
an answer that is owed, `tool` a tool, `recovery` a model that is lost, `keys` the caller's keypad;
`caller` is nothing of ours: they think, or have left the telephone. The agent's last words and the
end of the line are a breath apart, so that many calls end with such a silence of a second.
`frontdesk_dead_air_events_total` counts those of {dead_s:g} s while they last, {noticed_s:g} s
after they are full, since a voice that begins is noticed that late. The promise is that no cause
but `caller` and `keys` has any. `make bench` looks for every silence of {told_s:g} s on the
waveform in the metric, within 300 ms.

All of it runs on the monotonic clock; a wall clock that is set moves no metric.
"""


def settings_classes(package: str) -> Iterator[type[BaseSettings]]:
    """The settings classes of a package, in the order of their modules."""
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        if module.name.rpartition(".")[2] == "settings":
            found = importlib.import_module(module.name)
            for _, value in inspect.getmembers(found, inspect.isclass):
                if issubclass(value, BaseSettings) and value.__module__ == module.name:
                    yield value


def settings_page() -> str:
    """docs/settings.md."""
    parts = [SETTINGS_OPENING]
    for package, title in PACKAGES.items():
        for settings in settings_classes(package):
            opening = inspect.getdoc(settings) or ""
            rows = [row(settings, name, f) for name, f in settings.model_fields.items()]
            table = "| variable | default | meaning |\n|---|---|---|\n" + "\n".join(rows)
            parts.append(f"## {title}: `{settings.__module__}`\n\n{opening}\n\n{table}\n")
    return "\n".join(parts)


def profile_page() -> str:
    """docs/profile.md."""
    example = (DOCS.parent / "rehearsal" / "profiles" / "acme.yaml").read_text(encoding="utf-8")
    rows = "\n".join(profile_rows(Profile))
    table = f"| field | default | meaning |\n|---|---|---|\n{rows}"
    return f"{PROFILE_OPENING}\n```yaml\n{example}```\n\n{table}\n"


def profile_rows(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """A line for each field; those of a nested table follow with its name before theirs."""
    for name, field in model.model_fields.items():
        nested = nested_in(field.annotation)
        if nested is None:
            yield f"| `{prefix}{name}` | {default_of(field)} | {meaning_of(field)} |"
            continue
        each = ""
        if not inspect.isclass(field.annotation):
            yield f"| `{prefix}{name}` | none | {meaning_of(field)} |"
            each = "[]" if typing.get_origin(field.annotation) is tuple else ".*"
        yield from profile_rows(nested, f"{prefix}{name}{each}.")


def nested_in(annotation: object) -> type[BaseModel] | None:
    """The table that a field holds, or that each of its many is, in a list or under a name."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    inner = [nested_in(argument) for argument in typing.get_args(annotation)]
    return next((found for found in inner if found is not None), None)


def row(settings: type[BaseSettings], name: str, field: FieldInfo) -> str:
    """One line of a settings table."""
    alias, prefix = field.validation_alias, settings.model_config.get("env_prefix", "")
    variable = alias if isinstance(alias, str) else f"{prefix}{name}".upper()
    return f"| `{variable}` | {default_of(field)} | {meaning_of(field)} |"


def meaning_of(field: FieldInfo) -> str:
    """What a field's docstring says, on one line."""
    return " ".join((field.description or "").split()).replace("|", "\\|")


def default_of(field: FieldInfo) -> str:
    """A default as people read it; folders inside the repository stay relative."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None or str(default) in ("", "()", "{}", "**********"):
        return "none"
    return f"`{str(default).replace(str(DOCS.parent) + '/', '')}`"


def metrics_page() -> str:
    """docs/metrics.md."""
    # Importing it registers the worker's series.
    importlib.import_module("agent.metrics")
    watcher = WatcherMetrics().registry
    return "\n".join(
        [
            metrics_opening(),
            f"## The worker\n\n{metrics_table(REGISTRY)}\n",
            f"## The watcher (`python -m sip watch`)\n\n{metrics_table(watcher)}\n",
        ]
    )


def metrics_opening() -> str:
    """What the clock of the metrics is, with the constants of the code."""
    return METRICS_OPENING.format(
        audible_dbfs=AUDIBLE_DBFS,
        up_ms=agreement.UP_MS,
        down_ms=agreement.DOWN_MS,
        end_late_ms=agreement.END_LATE_MS,
        path_ms=agreement.PATH_MS,
        least_s=LEAST_S,
        dead_s=DEAD_S,
        noticed_s=NOTICED_S,
        told_s=agreement.LEAST_SILENCE_S,
        measured=MEASURED,
    )


def metrics_table(registry: CollectorRegistry) -> str:
    """One line for each series of ours."""
    ours = sorted((m for m in registry.collect() if m.name.startswith("frontdesk_")), key=by_name)
    labels = {
        name: getattr(collector, "_labelnames", ())
        for collector, names in registry._collector_to_names.items()
        for name in names
    }
    cells = (
        (f"`{full_name(m)}`", m.type, ", ".join(labels[m.name]) or "none", m.documentation)
        for m in ours
    )
    rows = [f"| {' | '.join(row)} |" for row in cells]
    return "| series | type | labels | meaning |\n|---|---|---|---|\n" + "\n".join(rows)


def by_name(metric: Metric) -> str:
    """The order of a table."""
    return str(metric.name)


def full_name(metric: Metric) -> str:
    """The name that queries use."""
    return f"{metric.name}{'_total' if metric.type == 'counter' else ''}"


PAGES = {"settings.md": settings_page, "profile.md": profile_page, "metrics.md": metrics_page}

if __name__ == "__main__":
    for file, page in PAGES.items():
        (DOCS / file).write_text(page(), encoding="utf-8")
