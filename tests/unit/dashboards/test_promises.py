"""Promises as data: thresholds, guards, and the bucket that the caller's ear decides."""

from typing import get_args

import pytest

from agent.metrics import LATENCY_BUCKETS_S
from agent.reports import Cause
from dashboards.slo import (
    BURNS,
    COUNTED_RESPONSE_S,
    FIRST_AUDIO_S,
    HEARD_RESPONSE_S,
    PATH_S,
    SLOS,
    WINDOWS,
    Slo,
)
from dashboards.words import OWN_SILENCES


def test_the_bucket_keeps_the_promise_on_the_ear() -> None:
    """What the worker counts as in time is heard in time, and no larger bucket would be."""
    larger = next(bound for bound in LATENCY_BUCKETS_S if bound > COUNTED_RESPONSE_S)

    assert COUNTED_RESPONSE_S + PATH_S <= HEARD_RESPONSE_S < larger + PATH_S


def test_promises_lie_on_bounds_of_buckets() -> None:
    """Between two bounds a histogram can only guess."""
    assert {COUNTED_RESPONSE_S, FIRST_AUDIO_S} <= set(LATENCY_BUCKETS_S)


@pytest.mark.parametrize("slo", SLOS, ids=lambda slo: slo.name)
def test_a_guard_wants_three_bad_ones(slo: Slo) -> None:
    """Two bad events never make a rate, at no speed."""
    for burn in BURNS:
        assert 2 / slo.least(burn) < slo.threshold(burn)
        assert 3 / slo.least(burn) <= slo.threshold(burn) + 1e-9


@pytest.mark.parametrize("slo", SLOS, ids=lambda slo: slo.name)
def test_every_speed_can_be_reached(slo: Slo) -> None:
    """More than everything being bad cannot happen: such an alert would never come."""
    assert all(slo.threshold(burn) < 1 for burn in BURNS)


def test_every_window_of_a_speed_is_recorded() -> None:
    """An alert on a series that nobody records is silent for ever."""
    assert {window for burn in BURNS for window in (burn.long, burn.short)} <= set(WINDOWS)


def test_silences_that_are_the_callers_own_are_causes_that_exist() -> None:
    """A cause that is renamed would be counted as ours."""
    assert set(OWN_SILENCES) < set(get_args(Cause))
