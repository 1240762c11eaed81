"""The call record: what a call leaves behind to be heard, read, graded and counted."""

__all__: list[str] = []
