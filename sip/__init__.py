"""Trunks and dispatch rules as desired state, and what a SIP leg says about its caller.

The worker reads callers; people and `rehearsal` change trunks through `python -m sip`.
"""

from sip.caller import Caller, normalise
from sip.caller import read as read_caller

__all__ = ["Caller", "normalise", "read_caller"]
