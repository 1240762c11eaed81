"""The pace of the agent's voice: the first 60 ms at once, and never more than that ahead."""

import pytest

from agent.playout import AHEAD_S, CHUNK_S, Pace

NOW = 1000.0
AT_ONCE = 6


def leaving(pace: Pace, now: float, chunks: int) -> list[float]:
    """When each of the next chunks leaves, from `now` on, if nothing holds them up."""
    times = []
    for _ in range(chunks):
        now += pace.wait_s(now)
        times.append(now)
        pace.sent()
    return times


def test_the_first_sound_leaves_at_once() -> None:
    """As much as livekit-sip waits for before it plays."""
    assert leaving(Pace(), NOW, AT_ONCE) == [NOW] * AT_ONCE


def test_the_rest_follows_in_real_time() -> None:
    """A chunk each 10 ms; what was ahead stays ahead."""
    times = leaving(Pace(), NOW, AT_ONCE + 3)

    assert times[AT_ONCE:] == pytest.approx([NOW + CHUNK_S * n for n in (1, 2, 3)])


def test_a_short_delay_is_made_up_for() -> None:
    """Whatever is late leaves together, and the caller hears no gap."""
    pace = Pace()
    leaving(pace, NOW, AT_ONCE)

    late = NOW + 4 * CHUNK_S
    assert leaving(pace, late, 5) == pytest.approx([late] * 4 + [late + CHUNK_S])


@pytest.mark.parametrize("silence_s", [0.08, 3.0])
def test_after_a_silence_it_begins_anew(silence_s: float) -> None:
    """No more than at first: livekit-sip would drop it."""
    pace = Pace()
    leaving(pace, NOW, AT_ONCE)

    later = NOW + CHUNK_S + silence_s
    times = leaving(pace, later, AT_ONCE + 1)
    assert times == pytest.approx([later] * AT_ONCE + [later + CHUNK_S])


def test_what_has_left_early_is_still_to_be_heard() -> None:
    """Whoever asks how far the caller has heard is not told of more than that."""
    pace = Pace()
    leaving(pace, NOW, AT_ONCE)

    assert pace.unheard_s(NOW) == pytest.approx(AT_ONCE * CHUNK_S)
    assert pace.unheard_s(NOW + AHEAD_S) == pytest.approx(CHUNK_S)
    assert pace.unheard_s(NOW + 1) == 0
