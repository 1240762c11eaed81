"""Where the programs are that the stack starts: by setting, on PATH, or built by `make setup`."""

import os
import shutil
from pathlib import Path

from rehearsal.settings import REPO, StackSettings
from rehearsal.stack.errors import ProgramMissing

BUILT = REPO / ".build" / "bin"


def find(name: str, settings: StackSettings) -> Path:
    """The program called `name`, for example "livekit-sip".

    Raises:
        ProgramMissing: there is none, or the setting for it names something that cannot be run.
    """
    field = name.replace("-", "_")
    named: Path | None = getattr(settings, field)
    if named is not None:
        if not os.access(named, os.X_OK) or named.is_dir():
            raise ProgramMissing(
                f"FRONTDESK_{field.upper()}={named} is no program: name an executable {name},"
                " or unset it and run `make setup`"
            )
        return named.resolve()
    if found := shutil.which(name):
        return Path(found)
    if os.access(BUILT / name, os.X_OK):
        return BUILT / name
    raise ProgramMissing(f"{name} is not on this machine: run `make setup`")
