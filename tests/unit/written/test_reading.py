"""`configs.load`: a file becomes a model, or a list of everything to mend."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from configs import ConfigError, load


class Dog(BaseModel):
    """Something with a rule over two fields."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["dog"]
    age: int = Field(ge=0)
    weight: float = 10.0

    @model_validator(mode="after")
    def _grown(self) -> "Dog":
        if self.age == 0 and self.weight > 20:
            raise ValueError("no puppy weighs that much")
        return self


class Cat(BaseModel):
    """The other kind."""

    kind: Literal["cat"]
    lives: int = 9


class House(BaseModel):
    """Nested twice, with a list and a union."""

    model_config = ConfigDict(extra="forbid")
    street: str
    pets: list[Dog | Cat] = []
    rooms: dict[str, int] = {}


def mistakes(file: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, field and words of every mistake in `text`."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, House)
    return [(m.line, m.field, m.says) for m in caught.value.mistakes]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to write."""
    return tmp_path / "house.yaml"


def test_a_good_file_becomes_the_model(file: Path) -> None:
    """Comments and order are the writer's business."""
    file.write_text("# ours\npets: [{kind: dog, age: 3}]\nstreet: Elm\n")

    assert load(file, House) == House(street="Elm", pets=[Dog(kind="dog", age=3)])


def test_a_missing_file_is_told_by_its_path(file: Path) -> None:
    """Nobody has to guess which file was looked for."""
    with pytest.raises(ConfigError, match=r"house\.yaml:1: cannot be read: .*No such file"):
        load(file, House)


def test_a_date_that_no_calendar_has_is_told(file: Path) -> None:
    """YAML takes it for a date before anybody can ask for a street."""
    file.write_text("street: 2024-02-30\n")

    with pytest.raises(ConfigError, match=r"house\.yaml:1: is not YAML: day is out of range"):
        load(file, House)


def test_bytes_that_are_no_text_are_told(file: Path) -> None:
    """A picture that was saved under the wrong name."""
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="cannot be read"):
        load(file, House)


@pytest.mark.parametrize(
    ("text", "line"),
    [("street: [Elm\n", 2), ("street: Elm\n\tpets: []\n", 2), ("street: 'Elm\nx: 1\n", 3)],
)
def test_what_is_not_yaml_is_told_where_reading_stopped(file: Path, text: str, line: int) -> None:
    """One mistake, since nothing after it can be trusted."""
    ((found, field, says),) = mistakes(file, text)

    assert (found, field) == (line, "")
    assert says.startswith("is not YAML: ")


def test_two_documents_in_one_file_are_told(file: Path) -> None:
    """The second one would be lost in silence."""
    ((_, _, says),) = mistakes(file, "street: Elm\n---\nstreet: Oak\n")

    assert says.startswith("is not YAML")


def test_a_key_written_twice_is_told_at_the_second(file: Path) -> None:
    """YAML would take the last one; also deep inside lists."""
    text = "street: Elm\nstreet: Oak\npets:\n  - kind: cat\n    lives: 9\n    lives: 7\n"

    assert mistakes(file, text) == [
        (2, "street", "is written twice; keep one"),
        (6, "lives", "is written twice; keep one"),
    ]


def test_a_nested_mistake_has_the_line_it_is_written_on(file: Path) -> None:
    """Maps within maps."""
    text = "street: Elm\nrooms:\n  kitchen: 1\n  hall: big\n"

    ((line, field, says),) = mistakes(file, text)

    assert (line, field) == (4, "rooms.hall")
    assert "valid integer" in says


def test_a_mistake_in_a_list_has_the_line_of_its_item(file: Path) -> None:
    """Counted by what stands there, not by guessing."""
    text = "street: Elm\npets:\n  - {kind: dog, age: 1}\n  - kind: dog\n    age: -1\n"

    found = {line for line, field, _ in mistakes(file, text) if field.endswith("age")}

    assert found == {5}


def test_a_missing_key_has_the_line_of_what_lacks_it(file: Path) -> None:
    """There is no better place to point at."""
    ((line, field, says),) = mistakes(file, "\n\nrooms: {}\n")

    assert (line, field, says) == (3, "street", "Field required")


def test_an_unknown_key_has_its_own_line(file: Path) -> None:
    """A typo is shown where it was made."""
    ((line, field, says),) = mistakes(file, "street: Elm\n\nstret: Oak\n")

    assert (line, field) == (3, "stret")
    assert "not permitted" in says


def test_a_rule_over_several_fields_speaks_without_decoration(file: Path) -> None:
    """Writers read our words, not the library's prefix."""
    text = "street: Elm\npets:\n  - {kind: dog, age: 0, weight: 30}\n"

    assert (3, "no puppy weighs that much") in {(line, s) for line, _, s in mistakes(file, text)}


def test_all_mistakes_come_at_once_in_the_order_of_the_file(file: Path) -> None:
    """One round of mending."""
    text = "rooms: {hall: x}\nfoo: 1\nstreet: 7\n"

    assert [line for line, _, _ in mistakes(file, text)] == [1, 2, 3]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_lacks_what_is_required(file: Path, text: str) -> None:
    """It is read as a map without keys."""
    assert mistakes(file, text) == [(1, "street", "Field required")]


@pytest.mark.parametrize("text", ["- street: Elm\n", "just words\n", "42\n"])
def test_a_file_that_is_no_map_is_told(file: Path, text: str) -> None:
    """A list or a word at the top."""
    ((line, field, says),) = mistakes(file, text)

    assert (line, field) == (1, "")
    assert "dictionary" in says


def test_a_mistake_reads_like_a_compilers(file: Path) -> None:
    """`file:line: field: words`, which editors can jump to."""
    file.write_text("street: Elm\nfoo: 1\n")

    with pytest.raises(ConfigError) as caught:
        load(file, House)

    assert str(caught.value) == f"{file}:2: foo: Extra inputs are not permitted"
