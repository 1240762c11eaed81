"""Trials by fault: what breaks while somebody is on the phone, and what holds all the same."""

from rehearsal.trials.row import Row
from rehearsal.trials.rows import ROWS, WORST

__all__ = ["ROWS", "WORST", "Row"]
