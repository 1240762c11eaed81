"""YAML written by people: every mistake at once, with file and line."""
