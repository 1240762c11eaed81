"""Rehearsing calls: scripts, playing them on a stack, judging them by the office's data."""

from rehearsal.rehearse.callscript import CallScript, NoSuchScript, load_script, script_names
from rehearsal.rehearse.play import Played, play

__all__ = ["CallScript", "NoSuchScript", "Played", "load_script", "play", "script_names"]
