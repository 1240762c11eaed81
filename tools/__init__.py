"""Business tools, their policies and the one door they pass, the gate. Knows nothing of LiveKit."""

__all__: list[str] = []
