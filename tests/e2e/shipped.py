"""What ships, changed a little for tests: a profile and a brain whose calls are short."""

from pathlib import Path

import yaml

from rehearsal.stack.layout import BRAIN, PROFILES


def profiles(folder: Path, **changed: object) -> Path:
    """A folder with the shipped profile, some of it changed."""
    folder.mkdir()
    shipped = yaml.safe_load((PROFILES / "acme.yaml").read_text(encoding="utf-8"))
    shipped["knowledge"] = str(PROFILES / shipped["knowledge"])
    (folder / "acme.yaml").write_text(yaml.safe_dump({**shipped, **changed}), encoding="utf-8")
    return folder


def terse(file: Path) -> Path:
    """The shipped brain, which tells of an order in three words: most calls are not about them."""
    brain = yaml.safe_load(BRAIN.read_text(encoding="utf-8"))
    told = brain["moves"]["look_up"]["results"][0]
    assert told["when"] == {"outcome": "ok"}
    told["say"] = "It has {result.status}."
    file.write_text(yaml.safe_dump(brain), encoding="utf-8")
    return file
