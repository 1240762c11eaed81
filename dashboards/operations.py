"""The board for whoever is on call, from what callers hear inwards to the machine."""

from dashboards.first_row import NOW
from dashboards.health import KEPT, MODEL, STRAIN
from dashboards.heard import HEARD
from dashboards.panel import Board, Variable
from dashboards.traffic import TRAFFIC

OPERATIONS = Board(
    "frontdesk-operations",
    "frontdesk: operations",
    "Can people call us, what do they hear, and which part is in the way?",
    (NOW, HEARD, TRAFFIC, MODEL, KEPT, STRAIN),
    (Variable("instance", "Worker", "frontdesk_call_capacity", "instance"),),
)
