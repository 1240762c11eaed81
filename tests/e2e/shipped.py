"""What ships, changed a little for tests: a profile and a brain whose calls are short."""

from pathlib import Path

import yaml

from rehearsal.stack.layout import BRAIN, PROFILES

# Where nobody has to be asked before words are kept.
WORDS_ONLY = {
    "jurisdiction": "US-OR",
    "consent": {"one_party": "none"},
    "known_numbers": {"+1555": "US-OR"},
}


def profiles(folder: Path, **changed: object) -> Path:
    """A folder with the shipped profile, some of it changed."""
    folder.mkdir()
    shipped = yaml.safe_load((PROFILES / "acme.yaml").read_text(encoding="utf-8"))
    shipped["knowledge"] = str(PROFILES / shipped["knowledge"])
    (folder / "acme.yaml").write_text(yaml.safe_dump({**shipped, **changed}), encoding="utf-8")
    return folder


CARD_PLEASE = (
    "my card number is four five three nine one four eight eight oh three four three six four six"
    " seven and my phone number is five five five two six seven one nine oh three"
)
TICKET_PLEASE = "i want to open a ticket about a flat tire please"


def terse(file: Path) -> Path:
    """The shipped brain, which tells of an order in three words: most calls are not about them.

    It also opens a ticket, on the line that has a server for it, and hears a card out.
    """
    brain = yaml.safe_load(BRAIN.read_text(encoding="utf-8"))
    told = brain["moves"]["look_up"]["results"][0]
    assert told["when"] == {"outcome": "ok"}
    told["say"] = "It has {result.status}."
    brain["moves"]["open_ticket"] = {
        "calls": [{"tool": "helpdesk_create_ticket", "args": {"title": "a flat tire"}}],
        "results": [
            {"when": {"outcome": "needs_yes"}, "say": "{result.say}", "go": "confirm_ticket"},
            {"say": "{result.say}", "go": "ready"},
        ],
    }
    brain["states"]["ready"]["rules"].append({"hears": [TICKET_PLEASE], "then": "open_ticket"})
    brain["states"]["ready"]["rules"].append({"hears": [CARD_PLEASE], "say": "Thank you."})
    agreed = {"hears": ["<agree>"], "then": "open_ticket"}
    brain["states"]["confirm_ticket"] = {"rules": [agreed]}
    file.write_text(yaml.safe_dump(brain), encoding="utf-8")
    return file
