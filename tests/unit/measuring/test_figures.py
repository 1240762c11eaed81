"""What the benchmark makes of its samples: whose time a gap was, and which promises are kept."""

import io

from rich.console import Console

from bench.figures import Figure, figures, spread
from bench.kept import KeptCost
from bench.samples import Cost, Samples, Turn
from bench.scrape import Scrape
from bench.table import table
from rehearsal.phone.measure import BargeIn, Gap, Measures
from rehearsal.rehearse.agreement import PATH_MS, Answer, Silent

BEGAN_AT = 1000.0
COST = Cost(read_ms=[2.0] * 100, write_ms=[8.0] * 90 + [30.0] * 10)


def a_call(*gaps: Gap, barge_ins: tuple[BargeIn, ...] = ()) -> Measures:
    """One call by its waveform."""
    return Measures(
        answer_s=0.4,
        greeting_s=0.3,
        caller=(),
        agent=(),
        gaps=gaps,
        barge_ins=barge_ins,
        dead_air=(),
    )


def model_turn(first_audio_at: float, model_ms: float = 80.0) -> dict[str, object]:
    """One turn of the model's ledger."""
    return {
        "cause": "speech",
        "first_audio_at": first_audio_at,
        "vad_silence_ms": 500,
        "model_ms": model_ms,
    }


def a_turn(overhead_ms: float) -> Turn:
    """One answered turn whose gap was `overhead_ms` longer than the model's part of it."""
    return Turn(gap_ms=580 + overhead_ms, silence_ms=500.0, model_ms=80.0)


def an_answer(error_ms: float) -> Answer:
    """One whose metric is that much too low."""
    return Answer(3.0, gap_ms=700.0 + PATH_MS + error_ms, metric_ms=700.0)


def a_silence(error_ms: float | None) -> Silent:
    """One that the metric has with this error, or not at all."""
    told = None if error_ms is None else 2000.0 - error_ms
    return Silent(5.0, gap_ms=2000.0, path_ms=0, metric_ms=told)


def named(found: list[Figure], name: str) -> Figure:
    """One figure."""
    return next(figure for figure in found if figure.name == name)


def test_the_models_silence_and_time_are_not_ours() -> None:
    """Overhead is what remains of a gap once the model's part is taken off."""
    samples = Samples()
    samples.add(a_call(Gap(5.0, 5.8)), began_at=BEGAN_AT, model_turns=[model_turn(1005.7)])

    assert [round(turn.overhead_ms) for turn in samples.turns] == [220]


def test_a_voice_that_sets_in_softly_is_told_apart() -> None:
    """The caller hears an "f" later than its sound begins; it counts all the same."""
    samples = Samples()
    soft = model_turn(1005.7) | {"onset_ms": 70.0}
    samples.add(a_call(Gap(5.0, 5.8)), began_at=BEGAN_AT, model_turns=[soft])

    assert [round(turn.overhead_ms) for turn in samples.turns] == [220]
    assert [round(turn.overhead_less_onset_ms) for turn in samples.turns] == [150]


def test_a_gap_that_no_turn_of_the_model_ended_is_left_out() -> None:
    """A clip or a greeting between two turns measures nothing."""
    samples = Samples()
    samples.add(a_call(Gap(5.0, 5.8)), began_at=BEGAN_AT, model_turns=[model_turn(1009.0)])

    assert samples.turns == []


def test_a_metric_that_is_right_on_average_may_still_be_wrong() -> None:
    """Errors of both signs make no bias; the dashboard is wrong about each of these calls."""
    ours = Samples(answers=[an_answer(200.0), an_answer(-200.0)] * 50)
    found = figures(ours, {}, COST, minutes=1)

    assert named(found, "answers_with_metric").met
    assert (named(found, "response_bias_ms").value, named(found, "response_bias_ms").met) == (
        0,
        True,
    )
    assert not named(found, "response_error_ms_p95").met


def test_a_metric_that_is_always_late_is_biased() -> None:
    """However little it varies."""
    found = figures(Samples(answers=[an_answer(60.0)] * 100), {}, COST, minutes=1)

    assert not named(found, "response_bias_ms").met
    assert named(found, "response_error_ms_p95").met


def test_one_silence_that_was_not_told_is_one_too_many() -> None:
    """Not at all, or wrong by more than a breath."""
    told, missing, wrong = a_silence(40.0), a_silence(None), a_silence(-320.0)
    found = figures(Samples(silences=[told] * 20 + [missing, wrong]), {}, COST, minutes=1)

    assert named(found, "silences").met
    assert named(found, "silences_missed").value == 2


def test_a_scrape_that_grows_with_calls_is_found() -> None:
    """In time, in size, or in series."""
    few, many = Scrape(ms=10.0, size_bytes=1000, series=100), Scrape(12.5, 1100, 2001)
    found = figures(Samples(), {}, COST, minutes=1, scrapes=(few, many))

    names = ("scrape_growth", "scrape_bytes_growth", "scrape_series")
    assert [named(found, name).met for name in names] == [False, True, False]


def test_what_keeping_a_call_adds_is_held_against_its_targets() -> None:
    """Processor and memory, of record and recording together."""
    kept = KeptCost(cores=0.016, pss_mb=15.0, entries_per_minute=40.0)
    found = figures(Samples(), {}, COST, minutes=1, kept=kept)

    assert [named(found, name).met for name in ("kept_cores", "kept_pss_mb")] == [False, True]


def test_a_promise_without_a_measurement_is_not_kept() -> None:
    """Nothing measured is no success."""
    found = figures(Samples(), {"peer": Samples()}, Cost(), minutes=1)

    assert {figure.name for figure in found if figure.met} == {"minutes", "failed_calls"}


def test_figures_are_held_against_their_targets() -> None:
    """One slow answer in twenty is seen by the p95, and a slower peer makes us ahead."""
    ours = Samples(
        calls=20,
        answer_ms=[300.0] * 18 + [900.0] * 2,
        turns=[a_turn(200.0)] * 100,
        stop_ms=[300.0],
    )
    found = figures(ours, {"peer": Samples(turns=[a_turn(300.0)])}, COST, minutes=12.04)

    assert not named(found, "invite_to_200_ms_p95").met
    assert named(found, "response_overhead_ms_p50").met
    assert named(found, "response_overhead_ms_p50_peer").met
    assert named(found, "minutes").value == 12.0
    assert named(found, "gate_read_ms_p95").met
    assert not named(found, "gate_write_ms_p95").met


def test_a_short_run_is_no_benchmark() -> None:
    """Whoever asks for fewer calls than were promised learns that the promise is not shown."""
    ours = Samples(calls=19, turns=[a_turn(200.0)] * 99)

    found = figures(ours, {}, COST, minutes=12.1)

    assert not any(named(found, name).met for name in ("calls", "turns", "minutes"))


def test_whose_time_a_gap_was_is_spread_out_too() -> None:
    """A slow model and a slow worker can be told apart in every run."""
    turns, told = [a_turn(200.0)], [an_answer(30.0)]
    shown = spread(Samples(calls=2, failures=["no answer"], turns=turns, answers=told))

    assert shown["model_ms"] == {"p5": 80, "p50": 80, "p95": 80}
    assert shown["response_overhead_ms"] == {"p5": 200, "p50": 200, "p95": 200}
    assert shown["response_error_ms"] == {"p5": 30, "p50": 30, "p95": 30}
    assert shown["barge_in_stop_ms"] == {"p5": None, "p50": None, "p95": None}
    assert (shown["calls"], shown["failures"], shown["turns"]) == (2, ["no answer"], 1)


def test_people_get_a_line_for_each_figure() -> None:
    """What was measured beside what was promised, in words, within 80 columns."""
    console = Console(file=io.StringIO(), width=80)
    name = "response_overhead_ms_p50_livekit_agents"
    ahead = Figure(name=name, value=298.0, target="more than ours (241)", met=True)
    nothing = Figure(name="barge_in_stop_ms_p95", value=None, target="<= 500", met=False)
    console.print(table([ahead, nothing]))
    assert isinstance(console.file, io.StringIO)
    lines = [line.split() for line in console.file.getvalue().splitlines()]

    assert lines[2:4] == [
        [name, "298", "more", "than", "ours", "(241)", "yes"],
        ["barge_in_stop_ms_p95", "nothing", "<=", "500", "no"],
    ]
