"""What a stack writes for its servers."""

from pathlib import Path

import pytest

from rehearsal.stack import written
from rehearsal.stack.layout import DID, Layout
from tests.unit.stack.test_parts import PORTS

MINE = "+15550103344"


@pytest.mark.parametrize(
    ("files", "numbers"),
    [
        (
            {"a.yaml": f'numbers: ["{MINE}"]', "b.yaml": f'numbers: ["{DID}", "{MINE}"]'},
            [MINE, DID],
        ),
        ({"a.yaml": "numbers: ["}, [DID]),
        ({"a.yaml": "- numbers"}, [DID]),
        ({}, [DID]),
    ],
)
def test_the_trunk_has_the_numbers_of_the_profiles(
    tmp_path: Path, files: dict[str, str], numbers: list[str]
) -> None:
    """Whoever rehearses a profile of their own can dial it; its mistakes are told by the worker."""
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    layout = Layout(folder=tmp_path / "stack", ports=PORTS, profiles=tmp_path)

    assert written.numbers(layout) == numbers
