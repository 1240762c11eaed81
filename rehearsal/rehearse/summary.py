"""What came of a call, for people: did the caller get it, what did they wait, where does it lie.

Pure text and numbers from what `rehearsal.rehearse.play` gathered; `show` prints it.
"""

from collections.abc import Sequence

import numpy as np

from records import CallView
from rehearsal.phone.call import CallResult
from rehearsal.rehearse.agreement import PATH_MS, Agreement, Answer, Silent, agreement
from rehearsal.rehearse.play import Played

WIDTH = 72
_BARS = " ▁▂▃▄▅▆▇█"


def percentiles(values: Sequence[float]) -> str:
    """p50 and p95 in milliseconds, of seconds."""
    if not values:
        return "none"
    p50, p95 = np.percentile(np.array(values) * 1000, [50, 95])
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(values)})"


def rows(played: Played) -> list[tuple[str, str]]:
    """The facts of the call, each with its name."""
    found = [*_waits(played), *(_recorded(played.record) if played.record else [])]
    if played.result.call.stalls:
        found.append(("caution", "this machine was too slow for the audio; times may be off"))
    return found


def _waits(played: Played) -> list[tuple[str, str]]:
    measures, record = played.measures, played.record
    found = [
        ("INVITE to 200", _ms(measures.answer_s)),
        ("200 to first agent audio", _ms(measures.greeting_s)),
        ("gaps, caller's leg", percentiles([gap.seconds for gap in measures.gaps])),
    ]
    if record:
        metric = [turn.response_ms / 1000 for turn in record.turns if turn.response_ms is not None]
        found.append(("turn response, worker's metric", percentiles(metric)))
        found += agreed(agreement(played.result.call, measures, record))
    if measures.barge_ins:
        stops = [barge.seconds for barge in measures.barge_ins]
        found.append(("agent stops when spoken over", percentiles(stops)))
    if measures.dead_air:
        silent = ", ".join(
            f"{s.end_s - s.start_s:.1f} s at {s.start_s:.1f}" for s in measures.dead_air
        )
        found.append(("silence of both sides", silent))
    return found


def _recorded(record: CallView) -> list[tuple[str, str]]:
    tokens = "; ".join(
        f"{t.input_text + t.input_audio} in, {t.output_text + t.output_audio} out"
        for t in record.tokens
    )
    found = [("outcome", str(record.outcome))]
    return [*found, ("tokens (plausible, not billed)", tokens)] if tokens else found


def agreed(found: Agreement) -> list[tuple[str, str]]:
    """Each answer and silence by the waveform, and what the worker's metrics make of it."""
    rows = [
        (f"  answer heard at {answer.heard_at_s:.1f} s", _held(answer, PATH_MS))
        for answer in found.answers
    ]
    for silent in found.silences:
        name = f"  silence at {silent.began_s:.1f} s"
        rows.append((name, _held(silent, silent.path_ms)))
    return rows


def _held(one: Answer | Silent, path_ms: float) -> str:
    if one.metric_ms is None or one.error_ms is None:
        return f"{one.gap_ms:.0f} ms, and the metric knows nothing of it"
    path = f"{'+' if path_ms >= 0 else '-'} path {abs(path_ms)}"
    return f"{one.gap_ms:.0f} ms = metric {one.metric_ms:.0f} {path} {one.error_ms:+.0f} ms"


def waveform(result: CallResult) -> list[str]:
    """Both sides of the call as one line of bars each, caller first; one column is equal time."""
    sides = result.timeline.render()
    return [_bars(sides.sent), _bars(sides.heard)]


def _bars(pcm: np.ndarray) -> str:
    if len(pcm) < WIDTH:
        return ""
    columns = np.array_split(pcm.astype(np.float64), WIDTH)
    level = np.array([20 * np.log10(np.sqrt(np.mean(c**2)) + 1) for c in columns])
    # 35 dB is the comfort noise of the line, 75 dB loud speech, both of 90 dB full scale.
    steps = np.clip((level - 35) / 40 * (len(_BARS) - 1), 0, len(_BARS) - 1).astype(int)
    return "".join(_BARS[step] for step in steps)


def _ms(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds * 1000:.0f} ms"
