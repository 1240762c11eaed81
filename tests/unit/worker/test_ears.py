"""What is told of what a caller hears: by sound that leaves, and by no clock on the wall."""

import time

import pytest

from agent.reports import DeadAir, Happened, Lagged
from tests.unit.worker.talk import Talk

AN_HOUR_S = 3600.0


def told_of_silence(talk: Talk) -> list[DeadAir]:
    """The silences that were told."""
    return [told for told in talk.told if isinstance(told, DeadAir)]


async def test_an_answer_without_a_sound_is_none_yet(talk: Talk) -> None:
    """A session says that it speaks when the model still sends silence."""
    talk.turn_of_the_caller()
    talk.agent_is("speaking", "listening")
    assert talk.timed("turn_response") == []

    talk.agent_sounds(time.monotonic() + 0.4)
    assert talk.timed("turn_response")[0].seconds >= 0.4


async def test_a_sound_may_be_noticed_before_the_session_speaks(talk: Talk) -> None:
    """It leaves in another thread; which of the two comes first means nothing."""
    talk.turn_of_the_caller()
    heard_at = time.monotonic()
    talk.agent_sounds(heard_at)
    talk.agent_is("speaking", "listening")

    ended_at = talk.conversation.line.caller_stopped_at
    assert talk.timed("turn_response")[0].seconds == heard_at - ended_at


async def test_an_answer_right_behind_a_clip_begins_when_the_session_says_so(talk: Talk) -> None:
    """No silence between the two tells where the sentence ends."""
    talk.turn_of_the_caller()
    talk.voice.sounding.ended_at = time.monotonic()
    talk.agent_is("speaking", "listening")

    assert len(talk.timed("turn_response")) == 1


@pytest.mark.parametrize("jump_s", [-AN_HOUR_S, AN_HOUR_S])
async def test_a_wall_clock_that_is_set_moves_no_response_time(
    talk: Talk, jump_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither between two events, nor between one and its telling."""
    wall = time.time
    talk.turn_of_the_caller()
    monkeypatch.setattr(time, "time", lambda: wall() + jump_s)
    talk.agent_speaks()
    talk.turn_of_the_caller()
    talk.agent_speaks()

    assert [0 <= timed.seconds < 1 for timed in talk.timed("turn_response")] == [True, True]


async def test_a_fixed_sentence_is_a_sound_and_no_answer(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller hears something, and goes on waiting."""
    talk.turn_of_the_caller()
    monkeypatch.setattr(talk.conversation.ears, "_clip_sounds", lambda: True)
    talk.agent_sounds()
    monkeypatch.setattr(talk.conversation.ears, "_clip_sounds", lambda: False)
    assert [timed.sound for timed in talk.timed("turn_first_sound")] == ["clip"]
    assert talk.timed("turn_response") == []

    talk.agent_speaks()
    assert len(talk.timed("turn_first_sound")) == len(talk.timed("turn_response")) == 1


async def test_who_speaks_over_the_agent_waits_for_no_sound(talk: Talk) -> None:
    """A "yes" in between is no question that met silence."""
    talk.agent_is("speaking", "listening")
    talk.agent_sounds()
    talk.voice.sounding.ended_at = time.monotonic() + 1.0
    talk.turn_of_the_caller()
    talk.agent_sounds()

    assert talk.timed("turn_first_sound") == []


async def test_a_silence_is_counted_while_it_lasts_and_measured_when_it_ends(talk: Talk) -> None:
    """In the metrics at once, in the record with its length."""
    ears, since = talk.conversation.ears, time.monotonic()
    for tenths in range(50):
        ears.tick(since + tenths / 10)
    assert Happened(what="dead_air", why="start") in talk.told
    assert told_of_silence(talk) == []

    talk.agent_sounds(since + 5.0)
    (silence,) = told_of_silence(talk)
    assert (silence.cause, round(silence.seconds)) == ("start", 5)
    (span,) = talk.lines("latency")
    assert (span["what"], round(span["ms"] / 1000)) == ("dead_air", 5)


async def test_a_silence_that_ended_before_it_was_sure_is_counted_all_the_same(talk: Talk) -> None:
    """As many events as silences of 3 s."""
    talk.agent_sounds(time.monotonic() + 3.1)

    assert talk.told.count(Happened(what="dead_air", why="start")) == 1


async def test_holes_in_the_voice_are_told_once(talk: Talk) -> None:
    """Whoever sends it counts them."""
    for _ in range(2):
        talk.voice.underruns = 3
        talk.conversation.ears.tick(time.monotonic())

    holes = [t for t in talk.told if isinstance(t, Happened) and t.what == "audio_underrun"]
    assert holes == [Happened(what="audio_underrun", times=3)]


async def test_the_worst_lag_of_each_second_is_told(talk: Talk) -> None:
    """Every few seconds, so that telling it holds up nothing; the rest when the call ends."""
    ears = talk.conversation.ears
    for tick in range(60):
        ears._lags.append(0.5 if tick == 7 else 0.001)
        ears.tick(time.monotonic())
    ears.close()

    lags = [told.worst_s for told in talk.told if isinstance(told, Lagged)]
    assert lags == [(0.5, 0.001, 0.001, 0.001, 0.001), (0.001,)]


async def test_turns_are_in_the_record_with_when_they_were_heard(talk: Talk) -> None:
    """A report can show them beside the sound; what nobody heard has no time."""
    talk.turn_of_the_caller()
    talk.said("user", "where is my order")
    talk.agent_speaks()
    talk.said("assistant", "It has shipped.")
    talk.said("assistant", "Never heard.")

    caller, agent, unheard = talk.lines("turn")
    assert caller["began_at"] <= caller["ended_at"] <= agent["began_at"] <= agent["ended_at"]
    assert (unheard["began_at"], unheard["ended_at"]) == (None, None)


async def test_asking_again_is_counted_by_what_for(talk: Talk) -> None:
    """A clip that asks whether somebody is there is a reprompt; one that bridges is none."""
    ears, clips = talk.conversation.ears, talk.conversation._speaker._clips
    ears.note_clip(clips["still_there"])
    ears.note_clip(clips["one_moment"])

    again = [t for t in talk.told if isinstance(t, Happened) and t.what == "reprompt"]
    assert again == [Happened(what="reprompt", why="silence")]
