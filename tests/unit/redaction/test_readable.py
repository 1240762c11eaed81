"""How much of the business is lost to caution, counted over all that this repository says."""

import ast
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from records.redaction import Redactor, mask

REPO = Path(__file__).parents[3]
# Telephone numbers stand in these texts on purpose.
_REALLY_PHONES = re.compile(r"\+?1555\d{7}")


def strings(value: Any) -> Iterator[str]:
    """Every text in a YAML document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def calls() -> list[str]:
    """What callers, the scripted model and its company say: scripts, brains, profiles."""
    folders = ("rehearsal/scripts", "rehearsal/profiles", "bench/calls")
    files = [file for folder in folders for file in sorted((REPO / folder).rglob("*.y*ml"))]
    documents = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]
    return [text for document in documents for text in strings(document)]


def sentences() -> list[str]:
    """What tools say, in the code of business areas."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (REPO / "tools").glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def documents() -> list[str]:
    """Lines of the documentation, apart from the page about what is redacted."""
    files = {*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md")} - {REPO / "docs" / "privacy.md"}
    return [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def taken(texts: list[str]) -> list[tuple[str, str]]:
    """Texts that lose something which is nobody's number, beside what is left of them."""
    redactor = Redactor()
    plain = [_REALLY_PHONES.sub("somebody", text) for text in texts]
    return [(text, left) for text in plain if (left := redactor.redact(text).text) != text]


def test_nothing_that_is_said_in_a_rehearsed_call_is_lost() -> None:
    """Orders, ZIP code after its question apart, prices, dates and times of all scripts."""
    lost = taken(calls())
    sys.stdout.write(f"calls: {len(calls())} texts, {len(lost)} redacted for nothing\n")

    assert lost == []


def test_what_is_lost_of_other_texts_is_little() -> None:
    """Examples of numbers in documents are numbers; at most one line in five hundred is none."""
    for name, texts in (("tools", sentences()), ("docs", documents())):
        lost = taken(texts)
        sys.stdout.write(f"{name}: {len(texts)} texts, {len(lost)} redacted for nothing\n")

        assert len(lost) <= len(texts) / 500, lost


LINES = [
    "job accepted",
    "joined room call_[number]_fY3k closed in 35 ms",
    "2026-11-23T18:00:00.123456Z",
    "registered worker AW_7xK93mPqRs12 at ws://127.0.0.1:7880",
    "turn ended, response after 812 ms",
    "sip_+15557654321",
    "tool look_up_order done",
    "c1f0a5de-5f4e-4d1c-9a55-28e604c046c6",
    "livekit-agents 1.8.9",
    "info",
]


def test_a_log_line_costs_little() -> None:
    """Under 0.2 ms of processor time for the typical text, since calls share their loop with it."""
    took_ms: dict[str, float] = {}
    for line in LINES:
        tries = []
        for _ in range(50):
            began = time.process_time_ns()
            mask(line)
            tries.append((time.process_time_ns() - began) / 1e6)
        took_ms[line] = median(tries)
    sys.stdout.write(f"a text of a log line: {median(took_ms.values()):.3f} ms\n")

    assert median(took_ms.values()) < 0.2
