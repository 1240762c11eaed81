"""Trunks and dispatch rules as desired state, and what a SIP leg says about its caller."""

__all__: list[str] = []
