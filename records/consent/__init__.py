"""Whose consent a call needs before its words are kept: the law as data, and the decision.

Read by `agent.profile`, in which a company says what it keeps and where it is, and by the call.
What is played and heard for it is `agent.consent`.
"""

from records.consent.law import Law, Needs, law_of
from records.consent.owed import Owed, Policy, Rules, owed
from records.consent.places import UNKNOWN, Place, jurisdiction_of
from records.consent.recording import Recording

__all__ = [
    "UNKNOWN",
    "Law",
    "Needs",
    "Owed",
    "Place",
    "Policy",
    "Recording",
    "Rules",
    "jurisdiction_of",
    "law_of",
    "owed",
]
