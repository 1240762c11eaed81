"""The whole company phone on this machine: real processes on free ports, begun and ended as one.

`make call`, the e2e tests and `make bench` enter `Stack.start`; `make up` keeps one running.
"""

from rehearsal.stack.errors import NotReady, PartDied, PortTaken, ProgramMissing, StackError
from rehearsal.stack.ports import Ports
from rehearsal.stack.stack import EVERYTHING, SERVERS, Stack

__all__ = [
    "EVERYTHING",
    "SERVERS",
    "NotReady",
    "PartDied",
    "PortTaken",
    "Ports",
    "ProgramMissing",
    "Stack",
    "StackError",
]
