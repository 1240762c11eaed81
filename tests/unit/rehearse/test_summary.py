"""The summary of a call: every row, and when it is left out."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from rehearsal.phone.call import CallResult
from rehearsal.phone.caller import CallerResult
from rehearsal.phone.measure import BargeIn, Gap, Measures
from rehearsal.phone.timeline import Timeline
from rehearsal.phone.utterances import Spoken
from rehearsal.rehearse.agreement import Agreement, Answer, Silent
from rehearsal.rehearse.callscript import load_script
from rehearsal.rehearse.goal import Finding
from rehearsal.rehearse.play import Played
from rehearsal.rehearse.show import _summary
from rehearsal.rehearse.summary import WIDTH, agreed, percentiles, rows, waveform
from tests.unit.rehearse.made import call

MEASURES = Measures(
    answer_s=0.412,
    greeting_s=0.3994,
    caller=(),
    agent=(),
    gaps=(Gap(1.0, 1.7), Gap(5.0, 5.9)),
    barge_ins=(),
    dead_air=(),
)


def played(
    *,
    measures: Measures = MEASURES,
    record: Any = "made",
    stalls: int = 0,
    gave_up: str | None = None,
    findings: tuple[Finding, ...] = (),
) -> Played:
    """A call that was played, with a second of loud audio from the agent."""
    timeline = Timeline(0.0)
    tone = (12_000 * np.sin(np.arange(8000))).astype(np.int16)
    timeline.add_heard(1.0, timestamp=8000, ssrc=1, pcm=tone)
    timeline.add_sent(0.0, np.zeros(16_000, dtype=np.int16))
    result = CallResult(200, None, None, 0.4, "", (), (), timeline, stalls)
    made = call() if record == "made" else record
    caller = CallerResult(result, steps_done=2, gave_up=gave_up)
    script = load_script("order_status")
    return Played(script, caller, measures, made, list(findings))


def shown(**what: Any) -> str:
    """The summary as a terminal shows it."""
    console = Console(file=io.StringIO(), width=120)
    _summary(console, played(**what), SimpleNamespace(folder=Path("run")), None)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_plain_call_has_these_rows() -> None:
    """Waits on the caller's leg beside the worker's own metric."""
    assert rows(played()) == [
        ("INVITE to 200", "412 ms"),
        ("200 to first agent audio", "399 ms"),
        ("gaps, caller's leg", "p50 800 ms, p95 890 ms (2)"),
        ("turn response, worker's metric", "p50 800 ms, p95 800 ms (1)"),
        ("outcome", "completed"),
        ("tokens (plausible, not billed)", "35 in, 22 out"),
    ]


def test_what_never_happened_is_called_so() -> None:
    """A line that was never answered has no times and no record."""
    nothing = Measures(None, None, (), (), (), (), ())

    assert rows(played(measures=nothing, record=None)) == [
        ("INVITE to 200", "never"),
        ("200 to first agent audio", "never"),
        ("gaps, caller's leg", "none"),
    ]


def test_a_barge_in_is_told_by_how_long_the_agent_went_on() -> None:
    """The time until silence, not until somebody noticed."""
    measures = Measures(0.4, 0.4, (), (), (), (BargeIn(2.0, 2.25),), ())

    assert ("agent stops when spoken over", "p50 250 ms, p95 250 ms (1)") in rows(
        played(measures=measures)
    )


def test_dead_air_is_told_with_its_place() -> None:
    """So that it can be found in the recording."""
    measures = Measures(0.4, 0.4, (), (), (), (), (Spoken(3.0, 6.5), Spoken(9.0, 13.0)))

    assert ("silence of both sides", "3.5 s at 3.0, 4.0 s at 9.0") in rows(
        played(measures=measures)
    )


def test_metrics_are_shown_beside_the_waveform() -> None:
    """What the worker told, what the path adds, and what neither of them explains."""
    silent = Silent(3.0, gap_ms=1900.0, path_ms=-95, metric_ms=2000.0)
    missing = Silent(9.0, gap_ms=1600.0, path_ms=280, metric_ms=None)
    found = Agreement((Answer(12.3, gap_ms=1023.0, metric_ms=740.0),), (silent, missing))

    assert agreed(found) == [
        ("  answer heard at 12.3 s", "1023 ms = metric 740 + path 280 +3 ms"),
        ("  silence at 3.0 s", "1900 ms = metric 2000 - path 95 -5 ms"),
        ("  silence at 9.0 s", "1600 ms, and the metric knows nothing of it"),
    ]


def test_a_machine_that_was_too_slow_is_no_ones_measure() -> None:
    """The numbers come with a caution."""
    assert rows(played(stalls=2))[-1][0] == "caution"


def test_a_call_without_a_model_has_no_tokens() -> None:
    """A number out of service costs nothing."""
    names = [name for name, _ in rows(played(record=call(tokens=[])))]

    assert "outcome" in names
    assert "tokens (plausible, not billed)" not in names


@pytest.mark.parametrize(
    ("seconds", "words"),
    [([], "none"), ([0.5], "p50 500 ms, p95 500 ms (1)"), ([0.1] * 19 + [1.1], "p50 100 ms")],
)
def test_percentiles_say_of_how_many(seconds: list[float], words: str) -> None:
    """Two gaps prove less than a hundred."""
    assert percentiles(seconds).startswith(words)


def test_the_waveform_shows_who_spoke_when() -> None:
    """Equal time in both lines: silence from the caller, the agent in the second half."""
    caller, agent = waveform(played().result.call)

    assert len(caller) == len(agent) == WIDTH
    assert caller.strip() == ""
    assert agent[: WIDTH // 2 - 1].strip() == ""
    assert " " not in agent[WIDTH // 2 + 1 :]


def test_a_call_that_succeeded_says_so_last() -> None:
    """With what was judged above it, and where everything lies."""
    text = shown(findings=(Finding(met=True, says="the line was answered 200"),))

    assert "✓ the line was answered 200" in text
    assert "run/caller-leg.wav" in text
    assert "caller-leg.wav" in text
    assert text.endswith("The caller got what they called for.\n")


@pytest.mark.parametrize(
    "why",
    [
        {"findings": (Finding(met=False, says="the office changed: nothing"),)},
        {"gave_up": "the agent did not answer within 20 s"},
    ],
)
def test_a_call_that_failed_says_why(why: dict[str, Any]) -> None:
    """What was not met, or what the caller waited for in vain."""
    text = shown(**why)

    assert "✗ " in text
    assert text.endswith("The caller did not get what they called for.\n")
