"""The caller's part of a call script."""

from pathlib import Path

import pytest

import configs
from rehearsal.phone.steps import CallerPart, Step

GOOD = """\
from: "+15550001111"
dial: "+15557654321"
voice: slt
steps:
  - say: Where is my order?
    pause_s: 0.2
  - say: Stop!
    over_s: 1.5
  - dtmf: "12#"
    after: step
  - noise: {seconds: 2, level_dbfs: -35}
    at_s: 20
  - silence_s: 3
  - wait_for_hang_up: true
"""


def read(folder: Path, text: str) -> CallerPart:
    """Load a part as people write it."""
    file = folder / "caller.yaml"
    file.write_text(text)
    return configs.load(file, CallerPart)


def test_a_script_says_what_and_when(tmp_path: Path) -> None:
    """Each step has its moment, by default after the other side."""
    part = read(tmp_path, GOOD)

    assert part.number == "+15550001111"
    named = [(step.name, step.moment) for step in part.steps]
    assert named == [
        ("say", "other"),
        ("say", "over"),
        ("dtmf", "step"),
        ("noise", "at"),
        ("silence_s", "step"),
        ("wait_for_hang_up", "step"),
    ]


@pytest.mark.parametrize(
    ("written", "instead", "line", "says"),
    [
        ("    over_s: 1.5", "    over_s: 1.5\n    at_s: 2", 7, "one moment"),
        ('  - dtmf: "12#"', '  - dtmf: "12#"\n    say: both', 9, "exactly one of"),
        ('"12#"', '"12x"', 9, "pattern"),
        ("silence_s: 3", "sielnce_s: 3", 13, "sielnce_s"),
        ("    pause_s: 0.2", "    pause_s: 0.2\n    over_s: 1", 5, "pause_s"),
        ("  - silence_s: 3", "  - hang_up: true", 4, "last step"),
        ('from: "+15550001111"', "from: me", 1, "pattern"),
        ("voice: slt", "answer: {code: 299}", 3, "refusal"),
    ],
)
def test_a_mistake_names_its_line(
    tmp_path: Path, written: str, instead: str, line: int, says: str
) -> None:
    """Whoever wrote it learns where and what."""
    with pytest.raises(configs.ConfigError) as caught:
        read(tmp_path, GOOD.replace(written, instead, 1))

    assert any(m.line == line and says in str(m) for m in caught.value.mistakes), caught.value


def test_a_step_without_a_deed_is_refused() -> None:
    """A moment alone is no step."""
    with pytest.raises(ValueError, match="exactly one"):
        Step(at_s=1)
