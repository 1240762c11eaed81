"""Tests of the rehearsal office's pure parts: slots, seed, faults."""
