"""`python -m agent` as its operator runs it: what it says when it cannot serve, and its exit."""
