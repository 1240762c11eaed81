"""Tests of the scripted model, without sockets."""
