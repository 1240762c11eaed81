"""Traces of real jobs: a worker, a livekit-server, the scripted model, a caller by the room."""
