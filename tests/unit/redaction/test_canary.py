"""Planted values: none is found again, whichever way it went."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from agent.logs import bind_call
from records.redaction import Listener, Redactor, Secrets, mask
from records.redaction.numerals import read
from tests.observed import logged
from tests.unit.redaction.planted import Planted, planted

PLANTED, SEED = 1_440, 20_261_125


def told(figures: str) -> None:
    """Shown by `pytest -s`, and with whatever fails."""
    sys.stdout.write(f"{figures}\n")


def digits_in(text: str) -> str:
    """All digits of a text, written and said."""
    return "".join(piece.digits for piece in read(text).pieces)


def leaked(value: Planted, written: str) -> bool:
    """Whether more of digits or words stands in `written` than stood around the value."""
    around = digits_in(value.frame)
    if value.frame.startswith("A-1042 and the one"):
        # The time that goes before belongs to nobody, but is joined to what follows.
        written, around = written.replace("half past nine", "").replace("nine", ""), around[:-1]
    words = any(trace in written.lower() for trace in value.traces)
    return words or len(digits_in(written)) > len(around)


def through_redact(value: Planted) -> str:
    """A transcript's text."""
    return _redactor(value).redact(value.sentence).text


def through_nested(value: Planted) -> str:
    """Arguments of a tool and its answer."""
    tree = {"a": [{"b": value.sentence}], value.sentence: ("x", None, True)}
    return json.dumps(_redactor(value).redact_all(tree)[0]["a"][0]["b"], ensure_ascii=False)


def through_listener(value: Planted) -> str:
    """A turn of a call."""
    return Listener(_redactor(value)).hear(value.sentence, by="caller").redacted.text


def through_mask(value: Planted) -> str:
    """Text of a log or a span."""
    return mask(value.sentence, _redactor(value).secrets)


def _redactor(value: Planted) -> Redactor:
    secrets = Secrets()
    secrets.add(value.secret)
    return Redactor(secrets=secrets)


@pytest.mark.parametrize(
    "way",
    [through_redact, through_nested, through_listener, through_mask],
    ids=lambda f: f.__name__,
)
def test_no_planted_value_is_found_again(way: Callable[[Planted], str]) -> None:
    """Cards, accounts, numbers, addresses and secrets, written and spoken, in whole sentences."""
    values = list(planted(PLANTED, SEED))
    lost = [(value.kind, value.sentence, way(value)) for value in values]
    found = [row for row, value in zip(lost, values, strict=True) if leaked(value, row[2])]

    told(f"{len(values)} planted, {len(found)} found")
    assert found == []


def test_no_planted_value_is_found_again_on_one_long_call() -> None:
    """What is remembered of earlier turns hides more of later ones, never less."""
    values = [value for value in planted(PLANTED, SEED) if value.kind != "secret"]
    listener = Listener(Redactor())
    texts = [listener.hear(value.sentence, by="caller").redacted.text for value in values]
    found = [(v.sentence, text) for v, text in zip(values, texts, strict=True) if leaked(v, text)]

    told(f"{len(values)} planted, {len(found)} found")
    assert found == []


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What this process logs."""
    with logged() as stream:
        yield stream


def test_no_planted_value_is_found_in_logs(lines: io.StringIO) -> None:
    """Neither in messages of libraries nor in fields, nested ones too."""
    values = list(planted(PLANTED, SEED + 1))
    for place, value in enumerate(values):
        secrets = Secrets()
        secrets.add(value.secret)
        bind_call("c-1", secrets=secrets)
        if place % 2:
            logging.getLogger("livekit").info(value.sentence.replace("%", "%%"))
        else:
            structlog.get_logger("x").info("said", nested={"in": [{"it": value.sentence}]})

    written = [json.loads(line) for line in lines.getvalue().splitlines()]
    texts = [
        line["nested"]["in"][0]["it"] if "nested" in line else line["event"] for line in written
    ]
    found = [
        (value.sentence, text)
        for value, text in zip(values, texts, strict=True)
        if leaked(value, text)
    ]
    told(f"{len(values)} planted, {len(found)} found")
    assert found == []


def test_a_redactor_that_does_nothing_would_be_caught() -> None:
    """The search finds every planted value where it was left in place."""
    values = list(planted(PLANTED, SEED))

    assert all(leaked(value, value.sentence) for value in values)
