"""What the benchmark makes of its samples: whose time a gap was, and which promises are kept."""

from bench.figures import Figure, figures
from bench.samples import Samples, Turn
from rehearsal.phone.measure import BargeIn, Gap, Measures

BEGAN_AT = 1000.0


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


def named(found: list[Figure], name: str) -> Figure:
    """One figure."""
    return next(figure for figure in found if figure.name == name)


def test_the_models_silence_and_time_are_not_ours() -> None:
    """Overhead is what remains of a gap once the model's part is taken off."""
    samples = Samples()
    samples.add(a_call(Gap(5.0, 5.8)), began_at=BEGAN_AT, model_turns=[model_turn(1005.7)])

    assert [round(turn.overhead_ms) for turn in samples.turns] == [220]


def test_a_gap_that_no_turn_of_the_model_ended_is_left_out() -> None:
    """A clip or a greeting between two turns measures nothing."""
    samples = Samples()
    samples.add(a_call(Gap(5.0, 5.8)), began_at=BEGAN_AT, model_turns=[model_turn(1009.0)])

    assert samples.turns == []


def test_the_workers_metric_goes_with_the_answer_it_was_measured_for() -> None:
    """Records are written when an answer ends, so the first one after its start is its own."""
    samples = Samples()
    samples.add(
        a_call(Gap(5.0, 5.8), Gap(9.0, 9.9)),
        began_at=BEGAN_AT,
        model_turns=[model_turn(1005.7), model_turn(1009.8)],
        metrics_ms=[(1007.0, 470.0), (1011.0, 510.0)],
    )

    assert [turn.metric_ms for turn in samples.turns] == [470.0, 510.0]


def test_a_promise_without_a_measurement_is_not_kept() -> None:
    """Nothing measured is no success."""
    found = figures(Samples(), {"peer": Samples()}, path_ms=0.0)

    assert not any(figure.met for figure in found if figure.name != "failed_calls")


def test_figures_are_held_against_their_targets() -> None:
    """One slow answer in twenty is seen by the p95, and a slower peer makes us ahead."""
    ours = Samples(
        calls=20,
        answer_ms=[300.0] * 18 + [900.0] * 2,
        turns=[Turn(800.0, 200.0, 560.0)] * 100,
        stop_ms=[300.0],
    )
    found = figures(ours, {"peer": Samples(turns=[Turn(900.0, 300.0)])}, path_ms=340.0)

    assert not named(found, "invite_to_200_ms_p95").met
    assert named(found, "response_overhead_ms_p50").met
    assert named(found, "response_overhead_ms_p50_peer").met
    assert named(found, "metric_minus_waveform_ms_p50").value == -100


def test_samples_of_several_runs_add_up() -> None:
    """A peer that serves one caller per process is measured in pieces."""
    samples = Samples(calls=1, stop_ms=[200.0])
    samples += Samples(calls=1, failed=1, stop_ms=[300.0])

    assert (samples.calls, samples.failed, samples.stop_ms) == (2, 1, [200.0, 300.0])
