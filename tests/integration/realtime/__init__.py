"""The worker's session on the real plugin against the scripted model: no room, no telephone."""
