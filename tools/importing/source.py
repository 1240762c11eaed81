"""Python text in the form that `ruff format` leaves alone, and foreign text made fit for it. Pure.

Everything that a document says goes through `quoted`, `prose` or `phrase` before it is written.
"""

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
MOST_PROSE, MOST_WORDS, LONGEST_WORD = 300, 12, 50
PLAIN_SIGNS = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": "'",
        "\u201d": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        '"': "'",
        "\\": "/",
        "`": "'",
        "\u20ac": "EUR",
        "\u00d7": "x",
        "\u0131": "i",
    }
)
# The last of the letters that no linter takes for another, and that are as wide as any.
LAST_LETTER = "\u017f"


@dataclass(frozen=True)
class Group:
    """What stands in brackets, on one line or on a line for each part."""

    opening: str
    parts: tuple["Part", ...]
    closing: str = ")"


Part: TypeAlias = str | Group


def laid_out(part: Part, *, indent: int = 0, before: str = "", after: str = "") -> str:
    """`before`, `part` and `after` as one statement, from column `indent` on."""
    start = " " * indent + before
    return start + _rendered(part, len(start), indent, len(after)) + after


def quoted(text: str) -> str:
    """A literal that means exactly `text`, in ASCII."""
    literal = ascii(text)
    if literal[0] == '"' or (text.count('"') > text.count("'")):
        return literal
    inner = re.sub(r"\\.|\"", _other_quotes, literal[1:-1], flags=re.DOTALL)
    return f'"{inner}"'


def pattern(text: str) -> str:
    """A literal for a regular expression, raw where it may be."""
    plain = text.isascii() and text.isprintable() and '"' not in text and not text.endswith("\\")
    return f'r"{text}"' if plain else quoted(text)


def prose(text: object, *, most: int = MOST_PROSE) -> str:
    """Foreign text as a sentence or two: one line, no quotes, marks or backslashes, not long.

    Of letters only the Latin ones.
    """
    told = unicodedata.normalize("NFKC", str(text or ""))
    told = re.sub(r"<[^<>]*>", " ", told.translate(PLAIN_SIGNS))
    told = "".join(sign if sign.isprintable() and sign <= LAST_LETTER else " " for sign in told)
    # A line of its own would part the description from the arguments.
    told = " ".join(re.sub(r"\bArgs:", "Args", told).split())
    # A word that fills a line would part an argument from what is said of it.
    told = re.sub(rf"(\S{{{LONGEST_WORD}}})(?=\S)", r"\1 ", told)
    if len(told) <= most:
        return told
    cut = told[:most]
    ended = max(cut.rfind(". "), cut.rfind("? "), cut.rfind("! "))
    return cut[: ended + 1] if ended > most // 3 else f"{cut.rsplit(' ', 1)[0]} ..."


def phrase(text: object, *, otherwise: str) -> str:
    """Foreign text as words that can be spoken inside a sentence, at most `MOST_WORDS`."""
    first = re.split(r"[.;:!?]\s|[.;:!?]$|\(|\s-\s", prose(text))[0]
    words = re.sub(r"[^\w' ]|_", " ", first).split()[:MOST_WORDS]
    if not re.search(r"[A-Za-z]", " ".join(words)):
        return otherwise
    # "Cancel Order" is how frameworks write a title, and "VAT" is how people write a name.
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)


def docstring(paragraphs: Sequence[str], *, indent: int = 0, lines: Sequence[str] = ()) -> str:
    """A docstring of `paragraphs`, each filled, and then `lines`, which are filled already."""
    margin = " " * indent
    # One line holds both of its marks.
    alone = len(paragraphs) == 1 and not lines and len(paragraphs[0]) + indent + 3 <= WIDTH
    marks = 6 if alone else 3
    filled = [
        textwrap.fill(
            text,
            WIDTH - indent - (0 if place else marks),
            break_on_hyphens=False,
        )
        for place, text in enumerate(paragraphs)
    ]
    body = "\n\n".join(filled) + ("\n\n" + "\n".join(lines) if lines else "")
    if "\n" not in body:
        return f'{margin}"""{body}"""'
    return textwrap.indent(f'"""{body}\n"""', margin)


def _rendered(part: Part, column: int, indent: int, tail: int) -> str:
    flat = _flat(part)
    if isinstance(part, str) or column + len(flat) + tail <= WIDTH:
        return flat
    if part.closing == "]" and len(part.parts) == 1:
        # A comma after the only one would make a tuple of it.
        return flat
    deeper = indent + 4
    rows = [f"{' ' * deeper}{_rendered(one, deeper, deeper, 1)},\n" for one in part.parts]
    return f"{part.opening}\n{''.join(rows)}{' ' * indent}{part.closing}"


def _flat(part: Part) -> str:
    if isinstance(part, str):
        return part
    return part.opening + ", ".join(map(_flat, part.parts)) + part.closing


def _other_quotes(found: re.Match[str]) -> str:
    return {"\\'": "'", '"': '\\"'}.get(found[0], found[0])
