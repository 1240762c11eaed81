"""Reading brains: every mistake at once, each with its line; and the one that ships."""

from pathlib import Path

import pytest

from configs import ConfigError
from rehearsal.model import load_brain
from rehearsal.model.settings import BRAINS

WRONG = """\
name: wrong
greeting: "Hello {caller.name."
start: nowhere
not_understood: ["Pardon?"]
slots:
  order: {digits: 4, choices: {a: ["b"]}}
states:
  ready:
    rules:
      - hears: ["where is [my order"]
        say: "Hm."
      - hears: ["yes"]
        colour: green
"""

DANGLING = """\
name: dangling
greeting: "Hello."
start: nowhere
not_understood: ["Pardon?"]
phrases:
  loop: "again <loop>"
moves:
  round: {then: round}
states:
  ready:
    rules:
      - hears: ["where is {parcel}"]
        calls: [{tool: look_up_order, args: {order: "{parcel}"}}]
        results:
          - when: {outcome: ok}
            go: done
      - hears: ["<unheard> of"]
        then: dance
"""


def _mistakes(tmp_path: Path, text: str) -> dict[int, str]:
    path = tmp_path / "brain.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_brain(path)
    return {mistake.line: mistake.says for mistake in caught.value.mistakes}


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    """One run shows everything that is wrong with a brain's form."""
    mistakes = _mistakes(tmp_path, WRONG)

    assert set(mistakes) == {2, 6, 10, 13}
    assert "never closed" in mistakes[10]


def test_names_that_lead_nowhere_are_told_with_their_lines(tmp_path: Path) -> None:
    """A state, slot, phrase or move that does not exist is found before a call does."""
    mistakes = _mistakes(tmp_path, DANGLING)

    assert set(mistakes) == {3, 6, 8, 12, 13, 16, 17, 18}
    assert mistakes[16] == "no state 'done': there is ready"


@pytest.mark.parametrize("path", sorted(BRAINS.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_brains_that_ship_are_sound(path: Path) -> None:
    """Every brain in the repository loads."""
    assert load_brain(path).name == path.stem
