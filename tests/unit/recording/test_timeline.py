"""The timeline: both sides in time, and what must not be kept silenced before it is given back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.recording import Gap
from records.recording.arrivals import Run
from records.recording.opus import RATE_HZ, Sound
from records.recording.timeline import AGENT, CALLER, LEAD_S, TAIL_S, Timeline

HOLD_S, MOST_S = 2.0, 10.0


class Tape:
    """A timeline in use: speaks into it in steps of 0.25 s and keeps what comes out."""

    def __init__(self) -> None:
        self.timeline = Timeline(hold_s=HOLD_S, most_held_s=MOST_S)
        self.now = 0.0
        self.sound: list[Sound] = []
        self.gaps: list[Gap] = []
        self.most_bytes = 0

    def run(self, until: float, *, caller: int = 1000, agent: int = 0) -> None:
        """Both sides sound, at so much, until then."""
        while self.now < until:
            for side, level in ((CALLER, caller), (AGENT, agent)):
                self.timeline.place(side, sounding(self.now, 0.25, level))
            self.now += 0.25
            self.sound += self.timeline.take(self.now)
            self.gaps += self.timeline.gaps()
            self.most_bytes = max(self.most_bytes, self.timeline.held_bytes)

    def close(self) -> Sound:
        """The whole recording."""
        self.timeline.finish(self.now)
        self.sound += self.timeline.rest(self.now)
        self.gaps += self.timeline.gaps()
        return np.concatenate(self.sound)

    @property
    def given_s(self) -> float:
        """How much was given back."""
        return sum(len(sound) for sound in self.sound) / RATE_HZ


def sounding(at: float, seconds: float, level: int) -> Run:
    """A run of one level."""
    return Run(round(at * RATE_HZ), np.full(round(seconds * RATE_HZ), level, np.int16))


def spans(sound: Sound, side: int) -> list[tuple[float, float]]:
    """Where one side sounds, in seconds."""
    edges = np.diff((sound[:, side] != 0).astype(int), prepend=0, append=0)
    begins, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    return [(float(b) / RATE_HZ, float(e) / RATE_HZ) for b, e in zip(begins, ends, strict=True)]


def test_both_sides_lie_on_one_timeline() -> None:
    """The caller is left, the agent right, each where it was heard."""
    tape = Tape()
    tape.timeline.place(CALLER, sounding(0.5, 1.0, 100))
    tape.timeline.place(AGENT, sounding(1.25, 2.0, 200))
    tape.now = 4.0
    sound = tape.close()

    assert sound.shape == (4 * RATE_HZ, 2)
    assert spans(sound, CALLER) == [(0.5, 1.5)]
    assert spans(sound, AGENT) == [(1.25, 3.25)]


def test_voices_of_one_side_are_heard_together() -> None:
    """A clip beside the model's voice adds to it; what is too loud is clipped, not wrapped."""
    tape = Tape()
    for level in (20_000, 20_000, -1):
        tape.timeline.place(AGENT, sounding(0.0, 1.0, level))
    tape.now = 1.0
    assert set(tape.close()[:, AGENT]) == {32_766}


def test_sound_is_given_back_once_it_is_old_enough() -> None:
    """Nothing younger than the hold leaves the timeline."""
    tape = Tape()
    tape.run(5.0)
    assert tape.given_s == 3.0


def test_an_open_turn_is_held() -> None:
    """Of a turn that goes on nothing is given back, however old it is."""
    tape = Tape()
    tape.run(4.0)
    tape.timeline.turn_began(3.6, "turn")
    tape.run(9.0)
    assert tape.given_s == 3.0


def test_a_turn_with_a_card_is_silent_on_both_sides() -> None:
    """From a moment before its voice to a moment after it, and the gap says so."""
    tape = Tape()
    tape.run(4.0, agent=50)
    tape.timeline.turn_began(4.0, "card")
    tape.run(8.0, agent=50)
    tape.timeline.turn_over("card", 7.0, "card_heard")
    tape.run(12.0, agent=50)
    sound = tape.close()

    for side in (CALLER, AGENT):
        assert spans(sound, side) == [(0.0, 4.0 - LEAD_S), (7.0 + TAIL_S, 12.0)]
    assert tape.gaps == [Gap(4.0 - LEAD_S, 7.0 + TAIL_S, "card_heard")]


def test_a_turn_without_a_card_is_kept() -> None:
    """Whatever was held for it."""
    tape = Tape()
    tape.timeline.turn_began(1.0, "turn")
    tape.run(6.0)
    tape.timeline.turn_over("turn", 6.0)
    assert spans(tape.close(), CALLER) == [(0.0, 6.0)]
    assert tape.gaps == []


def test_turns_that_overlap_are_each_held() -> None:
    """The end of one turn does not give another one free."""
    tape = Tape()
    tape.run(3.0)
    tape.timeline.turn_began(3.0, "card")
    tape.timeline.turn_began(4.0, "other")
    tape.run(6.0)
    tape.timeline.turn_over("other", 6.0)
    tape.run(8.0)
    tape.timeline.turn_over("card", 5.0, "card_heard")
    assert spans(tape.close(), CALLER) == [(0.0, 3.0 - LEAD_S), (5.0 + TAIL_S, 8.0)]


def test_of_a_turn_without_end_the_oldest_is_silenced() -> None:
    """Memory stays bounded, and what nobody has judged is not let through."""
    tape = Tape()
    tape.run(2.0)
    tape.timeline.turn_began(2.0, "endless")
    tape.run(30.0)
    assert tape.most_bytes <= (MOST_S + 2.5) * RATE_HZ * 4
    tape.timeline.turn_over("endless", 30.0)
    sound = tape.close()

    assert spans(sound, CALLER) == [(0.0, 2.0 - LEAD_S), (20.0, 30.0)]
    assert tape.gaps == [Gap(2.0 - LEAD_S, 20.0, "turn_too_long")]


def test_a_turn_that_the_end_leaves_open_is_silenced() -> None:
    """Its words were never known."""
    tape = Tape()
    tape.run(3.0)
    tape.timeline.turn_began(3.0, "open")
    tape.run(6.0)
    assert spans(tape.close(), CALLER) == [(0.0, 3.0 - LEAD_S)]
    assert tape.gaps == [Gap(3.0 - LEAD_S, 6.0, "words_unknown")]


def test_a_pause_drops_sound_at_once() -> None:
    """Also sound of the agent that was to be heard after it began."""
    tape = Tape()
    tape.run(3.0)
    tape.timeline.place(AGENT, sounding(2.9, 0.5, 7))
    tape.timeline.pause(3.0, "card_entry")
    tape.run(5.0, agent=9)
    tape.timeline.resume(5.0, "card_entry")
    tape.run(8.0)
    sound = tape.close()

    assert spans(sound, CALLER) == [(0.0, 3.0), (5.0, 8.0)]
    assert spans(sound, AGENT) == [(2.9, 3.0)]
    assert tape.gaps == [Gap(3.0, 5.0, "card_entry")]


def test_one_pause_does_not_end_another() -> None:
    """A PIN that is entered within a card entry does not open the ears for the rest of it."""
    tape = Tape()
    tape.timeline.pause(1.0, "card_entry")
    tape.timeline.pause(2.0, "keys_awaited")
    tape.run(3.0)
    tape.timeline.resume(3.0, "keys_awaited")
    tape.run(4.0)
    tape.timeline.resume(4.0, "card_entry")
    tape.run(6.0)

    assert spans(tape.close(), CALLER) == [(0.0, 0.0 + 1.0), (4.0, 6.0)]
    assert tape.gaps == [Gap(2.0, 3.0, "keys_awaited"), Gap(1.0, 4.0, "card_entry")]


def test_the_end_of_a_pause_opens_no_other_silence() -> None:
    """A span that is silent for a card stays so when a pause that lay in it is over."""
    tape = Tape()
    tape.run(2.0)
    tape.timeline.silence(1.0, 4.0, "card_heard")
    tape.timeline.pause(2.0, "keys_awaited")
    tape.timeline.resume(2.5, "keys_awaited")
    tape.run(6.0)
    assert spans(tape.close(), CALLER) == [(0.0, 1.0), (4.0, 6.0)]


def test_sound_that_comes_after_its_span_was_silenced_is_silent_too() -> None:
    """A frame that was late is no way around."""
    tape = Tape()
    tape.run(2.0, caller=0)
    assert tape.timeline.silence(0.5, 1.5, "card_heard")
    tape.timeline.place(CALLER, sounding(0.0, 2.0, 5))
    assert spans(tape.close(), CALLER) == [(0.0, 0.5), (1.5, 2.0)]


def test_silencing_too_late_is_told() -> None:
    """What was given back cannot be taken back, and whoever asks hears it."""
    tape = Tape()
    tape.run(6.0)
    assert not tape.timeline.silence(1.0, 5.0, "card_heard")
    assert spans(tape.close(), CALLER) == [(0.0, 4.0), (5.0, 6.0)]


@pytest.mark.parametrize("at", [-1e6, 1e6])
def test_a_clock_out_of_its_mind_takes_no_memory(at: float) -> None:
    """Sound for a time that cannot be is dropped."""
    tape = Tape()
    tape.run(1.0)
    tape.timeline.place(AGENT, sounding(at, 1.0, 5))
    tape.run(3.0)
    assert tape.most_bytes <= (HOLD_S + MOST_S + 7) * RATE_HZ * 4
    assert spans(tape.close(), CALLER) == [(0.0, 3.0)]


@given(st.data())
def test_no_card_gets_out(data: st.DataObject) -> None:
    """Whatever turns and pauses there are: no sample of a card, and each one that is missing is in
    a gap.
    """
    tape, card = Tape(), False
    for number in range(data.draw(st.integers(1, 6))):
        began = tape.now
        tape.timeline.turn_began(began + LEAD_S, str(number))
        if paused := data.draw(st.booleans()):
            tape.timeline.pause(tape.now, "card_entry")
        card = data.draw(st.booleans())
        tape.run(tape.now + data.draw(st.integers(1, 60)) / 4, caller=666 if card else 1)
        if paused:
            tape.timeline.resume(tape.now, "card_entry")
        if data.draw(st.booleans()) or card:
            tape.timeline.turn_over(str(number), tape.now, "card_heard" if card else None)
        tape.run(tape.now + TAIL_S, caller=1)
    sound = tape.close()

    assert 666 not in sound[:, CALLER]
    missing = sound[:, CALLER] == 0
    for gap in tape.gaps:
        missing[round(gap.began_at * RATE_HZ) : round(gap.ended_at * RATE_HZ)] = False
    assert not missing.any()
