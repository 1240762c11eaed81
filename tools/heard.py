"""Spoken and written forms of the same thing made equal, so that code can compare them.

"nine four one oh seven", "9 4 1 0 7" and "94107" are the same digits; so are "forty-three oh two"
and "4302". Pure; called by `confirm` and `hearing`.
"""

import re
from collections.abc import Sequence

UNITS = {
    word: str(value)
    for value, word in enumerate("zero one two three four five six seven eight nine".split())  # noqa: SIM905
} | {"oh": "0", "o": "0", "nought": "0"}
TEENS = {
    "ten": "10",
    "eleven": "11",
    "twelve": "12",
    "thirteen": "13",
    "fourteen": "14",
    "fifteen": "15",
    "sixteen": "16",
    "seventeen": "17",
    "eighteen": "18",
    "nineteen": "19",
}
TENS = {
    "twenty": "2",
    "thirty": "3",
    "forty": "4",
    "fifty": "5",
    "sixty": "6",
    "seventy": "7",
    "eighty": "8",
    "ninety": "9",
}
REPEATS = {"double": 2, "triple": 3}
POINT = re.compile(r"(?<![0-9.])([0-9]+)\.([0-9]+)(?!\.?[0-9])")
MINUS = re.compile(r"(?<![0-9a-z])-(?=[0-9])")
ORDINAL = re.compile(r"([0-9]+)(st|nd|rd|th)")


def words(text: str) -> list[str]:
    """Lower-case words and numbers of `text`; apostrophes vanish, so "don't" is "dont"."""
    plain = text.lower().replace("'", "").replace("\u2019", "")
    # "89.5" is not 895, and "-5" is not 5.
    plain = MINUS.sub(" minus ", POINT.sub(r"\1 point \2", plain))
    return re.findall(r"[a-z]+|[0-9]+(?:st|nd|rd|th)?", plain)


def digit_runs(*texts: str) -> list[str]:
    """Runs of digits in what was said, in order; words between them part two runs.

    Several texts are read as one, since a pause may split a number over two turns.
    """
    return [part for part in normal_words(*texts) if part.isdigit()]


def normal_words(*texts: str) -> list[str]:
    """Words of `texts` with neighbouring spoken and written digits joined into one number."""
    tokens = [token for text in texts for token in words(text)]
    found: list[str] = []
    joins = False
    place = 0
    while place < len(tokens):
        digits, used = _digits_at(tokens, place)
        if used:
            if joins:
                found[-1] += digits
            else:
                found.append(digits)
        else:
            found.append(tokens[place])
        joins = bool(used)
        place += used or 1
    return found


def contains(said: Sequence[str], value: str) -> bool:
    """Whether `value` was said in `said` (from `normal_words`): as one number, or as its words."""
    wanted = normal_words(value)
    size = len(wanted)
    return any(list(said[i : i + size]) == wanted for i in range(len(said) - size + 1))


def _digits_at(tokens: Sequence[str], place: int) -> tuple[str, int]:
    """Digits that begin at `place` and how many tokens they take; "" and 0 if none do."""
    token = tokens[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    digits, used = "", 0
    if token.isdigit() or token in UNITS or token in TEENS:
        digits, used = UNITS.get(token) or TEENS.get(token) or token, 1
    elif ordinal := ORDINAL.fullmatch(token):
        digits, used = ordinal[1], 1
    elif token in TENS:
        unit = UNITS.get(after, "0")
        digits, used = TENS[token] + unit, 1 if unit == "0" else 2
    elif token in REPEATS and (after in UNITS or (len(after) == 1 and after.isdigit())):
        digits, used = UNITS.get(after, after) * REPEATS[token], 2
    return digits, used
