"""Peers of the benchmark; they run in an environment of their own and are never imported."""

__all__: list[str] = []
