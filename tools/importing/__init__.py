"""Areas from an OpenAPI document: typed tools with careful policies, written once, then edited.

For operators, by `python -m tools import openapi`; nothing in a call comes here. All text of a
document is foreign: it may end in names, limits and docstrings, each made harmless, never in code.
"""

from tools.importing.area import Area, written
from tools.importing.operations import Operation, operations
from tools.importing.spec import Spec, SpecError, Unsupported, read_spec

__all__ = [
    "Area",
    "Operation",
    "Spec",
    "SpecError",
    "Unsupported",
    "operations",
    "read_spec",
    "written",
]
