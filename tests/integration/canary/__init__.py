"""Planted values: calls that are full of them, and a search through everything that is left."""
