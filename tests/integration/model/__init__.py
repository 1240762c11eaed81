"""Tests of the scripted model over real sockets, with real audio."""
