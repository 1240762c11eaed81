"""What keeping costs a call stays far below what a call has."""

import asyncio

from bench.kept import kept_cost
from bench.recording import recording_cost
from tests.recorded_call import cancelled_order


async def test_recording_and_record_are_cheap() -> None:
    """Twice the promise of 0.015 core, as a machine full of tests takes more time for anything."""
    recording, both = await asyncio.gather(recording_cost(4.0), kept_cost(cancelled_order(), 4.0))

    assert 0 < recording.kbit_per_s < 48
    assert recording.cores < 0.03
    assert recording.pss_mb < 15
    assert both.entries_per_minute > 0
    assert both.cores < 0.03
    assert both.pss_mb < 15
