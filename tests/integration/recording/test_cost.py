"""What recording costs a call stays far below what a call has."""

from bench.recording import recording_cost


async def test_recording_is_cheap() -> None:
    """Twice the promise of 0.015 core, as a machine full of tests takes more time for anything."""
    cost = await recording_cost(4.0)

    assert 0 < cost.kbit_per_s < 48
    assert cost.cores < 0.03
    assert cost.pss_mb < 15
