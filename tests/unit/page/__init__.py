"""The page of a call, as text; what a browser makes of it is among the integration tests."""
