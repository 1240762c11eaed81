"""docs/architecture.md is true: what it names is there, and what is there in packages is named."""

import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
PAGE = (REPO / "docs" / "architecture.md").read_text(encoding="utf-8")
SECTIONS = {
    found[1]: found[2]
    for found in re.finditer(
        r"^## (\w+)/: [^\n]+\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
}
NAMED = [
    (folder, name)
    for folder, text in SECTIONS.items()
    for row in re.findall(r"^\| (`.+?`) \|", text, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", row)
]
PACKAGES = sorted(
    file.parent.relative_to(REPO)
    for top in SECTIONS
    if top != "tests"
    for file in (REPO / top).rglob("__init__.py")
)


@pytest.mark.parametrize(("folder", "name"), NAMED, ids=str)
def test_what_the_page_names_is_there(folder: str, name: str) -> None:
    """A module by its name, a folder with its slash, any other file with its ending."""
    place = REPO / folder / name
    found = place.is_dir() if name.endswith("/") else place.is_file()

    assert found or place.with_suffix(".py").is_file()


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_every_package_is_on_the_page(package: Path) -> None:
    """With a section of its own at the top level, with a row in its parent's section below."""
    top, *inner = package.parts

    assert top in SECTIONS
    assert not inner or (top, f"{'/'.join(inner)}/") in NAMED


def test_every_top_level_package_has_a_section() -> None:
    """Also one that is added later."""
    packages = {file.parent.name for file in REPO.glob("[a-z]*/__init__.py")}

    assert packages <= set(SECTIONS)
    assert len(NAMED) > 80


def test_the_directions_are_those_that_are_enforced() -> None:
    """The layers stand in pyproject.toml once more, where import-linter reads them."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    assert ", ".join(f"`{layer}`" for layer in layers) in PAGE
