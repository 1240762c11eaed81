"""Business tools, their policies and the one door they pass, the gate. Knows nothing of LiveKit."""

from tools.call import CallFacts
from tools.catalogue import Tool, ToolSpec, catalogue
from tools.gate import Gate
from tools.office import Office, tls_context
from tools.outcome import Answer, Outcome, ToolUse

__all__ = [
    "Answer",
    "CallFacts",
    "Gate",
    "Office",
    "Outcome",
    "Tool",
    "ToolSpec",
    "ToolUse",
    "catalogue",
    "tls_context",
]
