"""What a trunk file may say, and every sentence that refuses one."""

from pathlib import Path

import pytest

from configs import ConfigError
from sip import desired

EXAMPLE = Path(__file__).parents[3] / "sip" / "trunks.example.yaml"

GOOD = """
agent: frontdesk
trunks:
  - name: loopback
    numbers: ["+15557654321"]
    allowed_addresses: [127.0.0.0/8]
"""

MANY_MISTAKES = """\
agent: frontdesk
rules: []
trunks:
  - name: a
    numbers: ["+15557654321", +15557654323]
    allowed_addresses: [203.0.113.7]
    media_timeout_s: 40
  - name: a
    numbers: ["15557654321"]
"""


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """Every mistake in `text` as "line: sentence"."""
    path = tmp_path / "trunks.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        desired.load(path)
    return [f"{mistake.line}: {mistake.says}" for mistake in caught.value.mistakes]


def test_a_small_file_gets_the_safe_defaults(tmp_path: Path) -> None:
    """Hold does not kill a call, ringing ends soon, and there is a catch-all."""
    path = tmp_path / "trunks.yaml"
    path.write_text(GOOD)

    loaded = desired.load(path)

    assert (loaded.trunks[0].media_timeout_s, loaded.trunks[0].ringing_timeout_s) == (180, 15)
    assert loaded.catch_all


def test_the_example_is_a_file_that_loads() -> None:
    """What docs tell people to copy has no mistakes."""
    assert len(desired.load(EXAMPLE).trunks) >= 3


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    """Mistakes in fields and mistakes across trunks come together, in the order of the file."""
    found = mistakes(tmp_path, MANY_MISTAKES)

    assert [int(mistake.split(":")[0]) for mistake in found] == [2, 5, 6, 7, 8, 8, 9, 9]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("203.0.113.7", "is not a CIDR"),
        ("sip.example.com", "is not a CIDR"),
        ("sip.example.com/32", "is not a CIDR"),
        ("10.0.0.0/255.0.0.0", "is not a CIDR"),
        ("10.0.0.0/33", "is not a CIDR"),
        ("'::/0'", "too much of the internet"),
        ("0.0.0.0/0", "too much of the internet"),
        ("128.0.0.0/1", "too much of the internet"),
        ("10.1.2.3/8", "10.1.2.3/8 is written 10.0.0.0/8"),
        ("10.0.0.0/08", "is written 10.0.0.0/8"),
    ],
)
def test_an_address_that_lets_strangers_in_is_refused(
    tmp_path: Path, address: str, says: str
) -> None:
    """Bare addresses and names can be forged, unparsable ones match nobody, wide ones everybody."""
    (found,) = mistakes(tmp_path, GOOD.replace("127.0.0.0/8", address))

    assert says in found


@pytest.mark.parametrize(
    ("was", "written", "says"),
    [
        ('"+15557654321"', "+15557654321", "in quotes"),
        ("+15557654321", "1 555 765 4321", 'write it as E.164: "+15557654321"'),
        ("+15557654321", "reception", "not an E.164 number"),
        ("    allowed_addresses: [127.0.0.0/8]", "", "anyone may call"),
        ("name: loopback", "name: Loop Back", "should match pattern"),
        ("name: loopback", "name: catch-all", "is taken by frontdesk's own trunk"),
        ("agent: frontdesk", "", "Field required"),
        ("agent: frontdesk", "agent: frontdesk\ndispatch: []", "a rule without its trunk"),
        ("[127.0.0.0/8]", "[127.0.0.0/8]\n    media_timeout_s: 301", "less than or equal to 300"),
        ("[127.0.0.0/8]", "[127.0.0.0/8]\n    krisp: true", "Extra inputs"),
        ("[127.0.0.0/8]", "[]\n    auth: {username: a, password_env: A}", "catch_all: false"),
        (
            "[127.0.0.0/8]",
            "[127.0.0.0/8]\n    auth: {username: a, password_env: A, password: x}",
            "a secret does not belong in this file",
        ),
        (
            "[127.0.0.0/8]",
            "[127.0.0.0/8]\n    headers_to_attributes: {X-A: frontdesk.in_service}",
            "would let a caller set",
        ),
    ],
)
def test_a_mistake_is_refused_with_its_fix(
    tmp_path: Path, was: str, written: str, says: str
) -> None:
    """One mistake in a good file is one sentence."""
    (found,) = mistakes(tmp_path, GOOD.replace(was, written, 1))

    assert says in found


def test_a_number_belongs_to_one_trunk_in_any_spelling(tmp_path: Path) -> None:
    """The second trunk with a number is told which trunk has it."""
    second = "  - {name: b, numbers: ['+15557654321'], allowed_addresses: [10.0.0.0/8]}\n"

    (found,) = mistakes(tmp_path, GOOD + second)

    assert found == "7: +15557654321 is a number of another entry too (trunk loopback)"


def test_a_file_that_is_a_list_is_refused_without_a_crash(tmp_path: Path) -> None:
    """Any YAML at all leads to sentences and never to a traceback."""
    for text in ("- a\n", "trunks: 3\n", "agent: 1\ntrunks: [1, {numbers: {a: b}}]\n", ""):
        assert mistakes(tmp_path, text)
