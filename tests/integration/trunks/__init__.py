"""Trunks in a real livekit-server."""
