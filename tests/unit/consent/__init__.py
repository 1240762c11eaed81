"""Consent before recording: places, law, what is owed, and the question itself in virtual time."""
