"""Journals and call files."""
