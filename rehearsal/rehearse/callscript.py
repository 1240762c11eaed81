"""A call script: one YAML file that says what a caller does and what must have come of it.

`make call SCRIPT=name` plays `rehearsal/scripts/name.yaml`, `make call SCRIPT=path` a file of your
own; e2e tests and benchmark play the same kind of file. What the scripted model may hear and say
is its brain, a file of its own.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from configs import ConfigError, Mistake, load
from rehearsal import wav
from rehearsal.model.brain import load_brain
from rehearsal.model.faults import Order
from rehearsal.office.faults import Fault
from rehearsal.phone.steps import CallerPart, Step
from rehearsal.rehearse.goal import Goal
from rehearsal.settings import REPO
from rehearsal.stack.layout import BRAIN

SCRIPTS = REPO / "rehearsal" / "scripts"


class NoSuchScript(Exception):
    """There is no script of this name or path; the message names those that ship."""


class Faults(BaseModel):
    """What goes wrong on purpose: faults of the office, an order to the next model session."""

    model_config = ConfigDict(extra="forbid")

    office: tuple[Fault, ...] = ()
    model: Order | None = None


class CallScript(BaseModel):
    """One call: who calls and what they do, what goes wrong, what must be true afterwards."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    title: str
    brain: Path = BRAIN
    """What the scripted model may hear and say, a file beside the script; by default the
    receptionist's."""
    caller: CallerPart
    faults: Faults = Faults()
    goal: Goal = Goal()


def script_names() -> list[str]:
    """Every script that ships, by name."""
    return sorted(file.stem for file in SCRIPTS.glob("*.yaml"))


def load_script(name: str) -> CallScript:
    """Read the script called `name`, or the file that `name` is the path of.

    Files that it names, its brain and what the caller plays, lie beside it.

    Raises:
        NoSuchScript: there is none.
        ConfigError: it or its brain has mistakes, or a sound is missing.
    """
    is_path = "/" in name or name.endswith((".yaml", ".yml"))
    file = Path(name).expanduser() if is_path else SCRIPTS / f"{name}.yaml"
    if not file.is_file():
        raise NoSuchScript(
            f"there is no script {name!r}: choose {', '.join(script_names())},"
            " or give the path of a YAML file of your own, for example ./mine.yaml"
        )
    script = _beside(file.parent.resolve(), load(file, CallScript))
    if missing := list(_missing_sounds(file, script)):
        raise ConfigError(missing)
    # Its mistakes are told now, and not by a process that ends while the stack starts.
    load_brain(script.brain)
    return script


def _missing_sounds(file: Path, script: CallScript) -> Iterator[Mistake]:
    for at, step in enumerate(script.caller.steps):
        if step.play is None:
            continue
        where = ("caller", "steps", at, "play")
        if not step.play.is_file():
            yield Mistake.at(file, where, f"there is no file {step.play}")
            continue
        try:
            wav.read(step.play)
        except wav.NotMono as error:
            yield Mistake.at(file, where, str(error))


def _beside(folder: Path, script: CallScript) -> CallScript:
    """The script with the paths of the files it names."""

    def placed(step: Step) -> Step:
        return step.model_copy(update={"play": folder / step.play}) if step.play else step

    steps = [placed(step) for step in script.caller.steps]
    caller = script.caller.model_copy(update={"steps": steps})
    return script.model_copy(update={"caller": caller, "brain": folder / script.brain})
