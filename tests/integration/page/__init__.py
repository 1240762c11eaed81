"""The page of a call in a real browser."""
