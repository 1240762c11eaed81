"""Tests of the real office process over HTTP, and of the gate against its faults."""
