"""Voices of real synthesisers."""
