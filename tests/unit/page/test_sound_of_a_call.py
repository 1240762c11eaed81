"""The recording of a call as its page needs it."""

import pytest

from records.page.sound import BUCKET_S, Heard, Undecodable, heard_in, why_silent
from records.view import CallView, Consent
from tests.recorded_call import SAID, cancelled_order, sound_of

CALL = cancelled_order()


@pytest.fixture(scope="module")
def sound() -> bytes:
    """The recording of `CALL`."""
    return sound_of(CALL)


def loudest(heard: Heard, side: bytes, begins: float, ends: float) -> int:
    """The highest peak of a side between two times of the call; the sound begins at 0.1 s."""
    first, last = (round((at - 0.1) / BUCKET_S) for at in (begins, ends))
    return max(side[max(0, first) : last])


def test_the_peaks_are_where_somebody_speaks_and_of_the_right_side(sound: bytes) -> None:
    """Left is the caller, right the agent, each within a bucket of its turn."""
    heard = heard_in(sound)

    assert heard.seconds == pytest.approx(35.8, abs=0.05)
    assert len(heard.caller) == len(heard.agent) == pytest.approx(35.8 / BUCKET_S, abs=2)
    for speaker, begins, ends, *_ in SAID:
        own = heard.caller if speaker == "caller" else heard.agent
        assert loudest(heard, own, begins, ends) > 60
    for begins, ends in ((5.5, 6.2), (17.7, 19.3), (32.5, 32.9)):
        assert max(loudest(heard, side, begins, ends) for side in (heard.caller, heard.agent)) < 10


def test_a_recording_that_breaks_off_is_heard_as_far_as_it_goes(sound: bytes) -> None:
    """A job that died leaves such a file."""
    heard = heard_in(sound[: len(sound) // 2])

    assert 10 < heard.seconds < 25


@pytest.mark.parametrize("junk", [b"", b"OggS", b"<script>alert(1)</script>" * 100])
def test_what_is_no_sound_is_told(junk: bytes) -> None:
    """Never an error of the decoder that nobody expects."""
    with pytest.raises(Undecodable):
        heard_in(junk)


def test_whatever_is_damaged_is_heard_or_told(sound: bytes) -> None:
    """Nonsense anywhere in the file ends it there, or makes it undecodable; nothing else."""
    for at in range(0, len(sound), len(sound) // 8):
        damaged = sound[:at] + b"\xff" * 700 + sound[at + 700 :]
        try:
            heard = heard_in(damaged)
        except Undecodable:
            continue
        assert len(heard.caller) == len(heard.agent)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"erased_at": CALL.ended_at}, "destroyed on 2026-11-25 20:00:36.150 UTC"),
        ({"recording": None}, "was not recorded."),
        ({}, "could not be fetched"),
    ],
)
def test_silence_has_a_reason(change: dict[str, object], because: str) -> None:
    """Each case another one, in words."""
    assert because in why_silent(CALL.model_copy(update=change), None)


def test_a_recording_that_is_not_stored_yet_is_told_as_such() -> None:
    """The reader comes back later."""
    assert CALL.recording
    waiting = CALL.recording.model_copy(update={"stored_at": None})

    assert "waits on the worker" in why_silent(CALL.model_copy(update={"recording": waiting}), None)


def refused() -> CallView:
    """A call whose caller said no."""
    no = Consent(at=1.0, policy="ask", jurisdiction="DE", answer="refused")
    return CALL.model_copy(update={"consent": no})


@pytest.mark.parametrize(
    "call", [CALL.model_copy(update={"erased_at": 1.0}), refused()], ids=["erased", "refused"]
)
def test_sound_that_may_not_be_there_is_never_embedded(call: CallView) -> None:
    """Whatever whoever makes the page has in hand."""
    assert why_silent(call, b"sound")
