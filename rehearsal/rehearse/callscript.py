"""A call script: one YAML file that says what a caller does and what must have come of it.

`make call SCRIPT=name` plays `rehearsal/scripts/name.yaml`; e2e tests and benchmark play the
same files. What the scripted model may hear and say is its brain, a file of its own.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from configs import ConfigError, Mistake, load
from rehearsal.model.faults import Order
from rehearsal.office.faults import Fault
from rehearsal.phone.steps import CallerPart
from rehearsal.rehearse.goal import Goal
from rehearsal.settings import REPO

SCRIPTS = REPO / "rehearsal" / "scripts"


class Faults(BaseModel):
    """What goes wrong on purpose: faults of the office, an order to the next model session."""

    model_config = ConfigDict(extra="forbid")

    office: tuple[Fault, ...] = ()
    model: Order | None = None


class CallScript(BaseModel):
    """One call: who calls and what they do, what goes wrong, what must be true afterwards."""

    model_config = ConfigDict(extra="forbid")

    title: str
    caller: CallerPart
    faults: Faults = Faults()
    goal: Goal = Goal()


def script_names() -> list[str]:
    """Every script that ships, by name."""
    return sorted(file.stem for file in SCRIPTS.glob("*.yaml"))


def load_script(name: str) -> CallScript:
    """Read the script called `name`, or the file that `name` is the path of.

    Raises:
        ConfigError: there is no such script, or it has mistakes.
    """
    file = Path(name) if name.endswith((".yaml", ".yml")) else SCRIPTS / f"{name}.yaml"
    if not file.exists():
        says = f"there is no such script; choose {', '.join(script_names())}"
        raise ConfigError([Mistake(file, 1, "", says)])
    return load(file, CallScript)
