"""The page of a call as text: escaped, complete, and with a policy of its own."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import get_args

import pytest

from records.outcome import CallOutcome
from records.page import file_name_of, page_of
from records.page.words import gap_reason, meaning_of, tool_meaning
from records.recording import Reason
from records.view import CallView
from tests.hostile_words import HOSTILE, hostile_call
from tests.recorded_call import cancelled_order, sound_of
from tools.outcome import UNREGISTERED, Outcome

CALL = cancelled_order()


class Elements(HTMLParser):
    """Every element of a page with its attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more element."""
        self.shape.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        """Some of its words."""
        self.words.append(data)


def harmless(call: CallView) -> CallView:
    """The same call with a plain word for each hostile one."""
    told = call.model_dump(mode="python")
    return CallView.model_validate(_plain(told))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return f"word {HOSTILE.index(value)}" if isinstance(value, str) and value in HOSTILE else value


def test_hostile_words_make_no_element_and_no_attribute() -> None:
    """The page has the same shape as with plain words in every place."""
    call = hostile_call()

    hostile, plain = (Elements(page_of(one, None)) for one in (call, harmless(call)))

    assert hostile.shape == plain.shape


def test_a_page_can_always_be_written() -> None:
    """Halves of characters and controls become the sign for what is missing."""
    page = page_of(hostile_call(), None)

    assert page.encode()
    assert "half \ufffd a face" in page
    assert "null\ufffdbyte" in page
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", page)


def test_words_are_never_read_as_a_template() -> None:
    """Braces stay braces."""
    page = page_of(hostile_call(), None)

    assert "{{ 7 * 7 }}" in page
    assert "49 " not in " ".join(Elements(page).words)


def test_the_policy_names_exactly_our_script_and_our_style() -> None:
    """By the digests of what stands in the page; nothing may be fetched or sent."""
    page = page_of(CALL, sound_of(CALL))
    policy = Elements(page).shape and re.search(r'Security-Policy" content="([^"]+)"', page)
    assert policy
    rules = policy[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in rules
    assert rules.startswith("default-src 'none';")
    assert "unsafe" not in rules
    assert "http" not in rules


def test_what_the_script_reads_are_numbers() -> None:
    """No word of anybody is in it, so none can be mistaken there."""
    (data,) = re.findall(
        r'<script type="application/json" id="call-data">(.*?)</script>',
        page_of(hostile_call(), None),
        re.DOTALL,
    )
    read = json.loads(data)

    assert set(read) == {"begins", "ends", "sound_begins", "peaks", "gaps", "over"}
    assert not any(isinstance(one, str) for one in read.values())


@pytest.mark.parametrize("outcome", [*CallOutcome, None])
def test_every_outcome_of_a_call_has_a_meaning(outcome: CallOutcome | None) -> None:
    """A sentence for a reader who does not know the code."""
    _, meaning = meaning_of(outcome)

    assert meaning.endswith(".")
    assert meaning in page_of(CALL.model_copy(update={"outcome": outcome}), None)


@pytest.mark.parametrize("outcome", [*Outcome])
def test_every_outcome_of_a_tool_has_a_meaning(outcome: Outcome) -> None:
    """The gate's closed set is known here, though the record may not import it."""
    assert tool_meaning(outcome.value)[1].endswith(".")


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_of_a_gap_has_words(reason: str) -> None:
    """What the recording may leave out is said as a person would say it."""
    assert gap_reason(reason) != reason.replace("_", " ")


def test_a_code_without_a_meaning_is_shown_as_it_stands() -> None:
    """A page never hides what it cannot explain."""
    assert tool_meaning("gone_fishing") == ("calm", "gone fishing")
    assert UNREGISTERED == "unregistered"


def test_sound_is_embedded_only_where_it_can_be_played() -> None:
    """Otherwise the page says what is wrong with it."""
    page = page_of(CALL, b"no sound at all")

    assert "<audio" not in page
    assert "cannot be played (15 bytes): it is no sound that can be decoded." in page


def test_a_recording_that_breaks_off_is_told_beside_its_player() -> None:
    """Nobody takes the rest for silence."""
    sound = sound_of(CALL)

    assert "breaks off after" not in page_of(CALL, sound)
    assert re.search(r"breaks off after 00:\d\d\.\d of 00:35\.8", page_of(CALL, sound[:60_000]))


def test_a_call_of_which_hardly_anything_is_known_has_a_page() -> None:
    """Every optional part may be missing."""
    call = CallView(call_id="a", profile="acme", started_at=1795636800.0)

    page = page_of(call, None)

    for said in (
        "Nobody answered",
        "Nothing was said.",
        "No tool was used.",
        "No cost is in the record.",
    ):
        assert said in page


@pytest.mark.parametrize(
    ("call_id", "name"),
    [
        ("20261125T200000-2f9e1eb6", "call-20261125T200000-2f9e1eb6.html"),
        ("../../etc/passwd", "call-25f4fe4e9ff1e1a8"),
        ("", "call-e3b0c44298fc1c14"),
        ("\ud800", "call-"),
        ("x" * 300, "call-"),
    ],
)
def test_the_name_of_the_file_is_one_plain_word(call_id: str, name: str) -> None:
    """Whatever the id is, the file lies where its folder is."""
    found = file_name_of(CALL.model_copy(update={"call_id": call_id}))

    assert found.startswith(name) or call_id == "../../etc/passwd"
    assert re.fullmatch(r"call-[A-Za-z0-9_-]+\.html", found)
    assert len(found) < 120
