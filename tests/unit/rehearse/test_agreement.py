"""Metrics of a call beside its waveform: what belongs together, and by how much it differs."""

from records.view import CallView, Latency
from rehearsal.phone.measure import Gap, Measures
from rehearsal.phone.utterances import Spoken
from rehearsal.rehearse.agreement import DOWN_MS, PATH_MS, answers, silences
from tests.unit.rehearse.made import call, turn

BEGAN_AT = 1000.0


def waveform(*, caller: tuple[Spoken, ...], agent: tuple[Spoken, ...]) -> Measures:
    """A call in which these spoke."""
    gaps = tuple(
        Gap(said.end_s, spoke.start_s) for said, spoke in zip(caller, agent[1:], strict=False)
    )
    return Measures(0.4, 0.3, caller, agent, gaps, (), ())


CALL = waveform(
    caller=(Spoken(5.0, 6.0), Spoken(13.0, 14.0)),
    agent=(Spoken(1.0, 3.0), Spoken(8.0, 10.0), Spoken(15.0, 16.0)),
)


def left(at_s: float) -> float:
    """When a sound left the worker that was heard at `at_s` of the waveform."""
    return BEGAN_AT + at_s - DOWN_MS / 1000


def silent(at_s: float, ms: int) -> Latency:
    """A silence that the worker told."""
    return Latency(at=BEGAN_AT + at_s, what="dead_air", ms=ms)


def held(record: CallView) -> dict[float, float | None]:
    """Each silence by where it began, and its error."""
    found = silences(CALL, record, began_at=BEGAN_AT, answered_s=0.5, ended_s=20.0)
    return {silence.began_s: silence.error_ms for silence in found}


def test_an_answer_is_held_beside_the_gap_that_it_ended() -> None:
    """By when it left; the record has them in the order in which they were written."""
    record = call(
        turns=[
            turn("agent", "Later.", response_ms=700, began_at=left(15.0)),
            turn("agent", "First.", response_ms=1720, began_at=left(8.0)),
        ]
    )
    found = answers(CALL, record, began_at=BEGAN_AT)

    assert [round(one.error_ms) for one in found] == [2000 - 1720 - PATH_MS, 1000 - 700 - PATH_MS]


def test_a_gap_that_a_fixed_sentence_ended_has_no_answer_of_its_own() -> None:
    """The answer came after it, and its metric is longer than that silence."""
    record = call(turns=[turn("agent", "At last.", response_ms=4000, began_at=left(11.0))])

    assert answers(CALL, record, began_at=BEGAN_AT) == []


def test_a_silence_lasts_longer_for_whoever_hears_its_end_later() -> None:
    """The caller's own words are heard late by the worker, the agent's by the caller."""
    record = call(latencies=[silent(2.9, 2095), silent(6.2, 1720), silent(9.9, 3095)])

    assert {at: round(error or 0) for at, error in held(record).items()} == {
        3.0: 0,
        6.0: 0,
        10.0: 0,
    }


def test_a_silence_that_was_not_told_is_missing() -> None:
    """One of those near it is not its own."""
    record = call(latencies=[silent(2.9, 2095), silent(9.9, 3095)])

    assert [at for at, error in held(record).items() if error is None] == [6.0]


def test_the_silence_before_the_end_is_not_compared() -> None:
    """The worker hears the line close first; 16 s to 20 s is not among these."""
    assert 16.0 not in held(call())
