"""The benchmark's arithmetic."""
