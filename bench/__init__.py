"""Measuring calls from the caller's leg, beside peers on the same machine in the same run."""

__all__: list[str] = []
