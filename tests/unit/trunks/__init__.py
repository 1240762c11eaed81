"""Trunk files, plans and callers, without a server."""
