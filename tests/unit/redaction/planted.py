"""Values of nobody, planted into sentences in every way that people write and say them. Seeded."""

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn

NAMES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
TEENS = (
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
PAUSES = [" ", " ", " ", ", ", " - ", "... ", " uh ", ", um, ", " and then ", " and ", "-"]
FRAMES = [
    "{}",
    "it is {} I think",
    "order 4271 was paid with {} last week",
    "could you change that to {} for me",
    "no wait, that was wrong: {}. Did you get it",
    "A-1042 and the one at half past nine, {} is mine",
    "({})",
    '"{}"',
]


@dataclass(frozen=True)
class Planted:
    """A sentence with a value in it, and without it."""

    kind: str
    sentence: str
    frame: str
    traces: tuple[str, ...] = ()
    """Words that must not be found afterwards, besides digits."""
    secret: str = ""
    value: str = ""
    """As it stands in the sentence; short ones with the words before or after that tell them."""


def planted(count: int, seed: int) -> Iterator[Planted]:
    """`count` values, all kinds alike."""
    dice = random.Random(seed)
    kinds: list[Callable[[random.Random], Planted]] = [
        _card, _said_card, _phone, _said_phone, _iban, _said_iban,
        _mail, _said_mail, _postcode, _cvv, _number, _secret,
    ]  # fmt: skip
    for place in range(count):
        yield kinds[place % len(kinds)](dice)


def spoken(digits: str, dice: random.Random) -> str:
    """Digits as somebody may say them: one by one, in pairs, doubled, with pauses."""
    words: list[str] = []
    place = 0
    while place < len(digits):
        here, after = digits[place], digits[place + 1 : place + 2]
        way = dice.random()
        if here == after and way < 0.5:
            triple = digits[place : place + 3] == here * 3 and way < 0.2
            words.append(f"{'triple' if triple else 'double'} {NAMES[int(here)]}")
            place += 3 if triple else 2
        # "Forty, two" is heard as 42: nobody says 402 like that.
        elif after and here != "0" and after != "0" and way > 0.8:
            pair = int(here + after)
            tens = f"{TENS[pair // 10 - 2]}{dice.choice(' -')}{NAMES[pair % 10]}"
            words.append(TEENS[pair - 10] if pair < 20 else tens)
            place += 2
        else:
            words.append(dice.choice(["zero", "oh"]) if here == "0" else NAMES[int(here)])
            place += 1
    said = words[0] + "".join(dice.choice(PAUSES) + word for word in words[1:])
    return dice.choice([said, said, said.upper(), said.capitalize()])


def card_number(dice: random.Random) -> str:
    """A number of 13 to 19 digits whose check digit fits."""
    start = dice.choice(["4", "51", "55", "2221", "34", "37", "36", "6011", "62", "3528"])
    size = dice.choice([13, 14, 15, 16, 16, 16, 16, 19])
    body = start + "".join(dice.choices(string.digits, k=size - len(start) - 1))
    return body + luhn.calc_check_digit(body)


def _framed(
    kind: str, value: str, dice: random.Random, traces: tuple[str, ...] = (), secret: str = ""
) -> Planted:
    frame = dice.choice(FRAMES)
    return Planted(kind, frame.format(value), frame.format(""), traces, secret, value)


def _card(dice: random.Random) -> Planted:
    number = card_number(dice)
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    return _framed("card", dice.choice(["", " ", "-", ".", "  ", ", "]).join(groups), dice)


def _said_card(dice: random.Random) -> Planted:
    return _framed("card", spoken(card_number(dice), dice), dice)


def _phone_number(dice: random.Random) -> phonenumbers.PhoneNumber:
    region = dice.choice(["US", "GB", "DE", "FR", "NL", "CA", "ES", "IT", "AU", "IN", "BR", "JP"])
    shape = phonenumbers.example_number(region)
    assert shape is not None
    national = str(shape.national_number)
    tail = "".join(dice.choices(string.digits, k=4))
    return phonenumbers.PhoneNumber(
        country_code=shape.country_code,
        national_number=int(national[:-4] + tail),
        italian_leading_zero=shape.italian_leading_zero,
    )


def _phone(dice: random.Random) -> Planted:
    form = dice.choice(
        [
            phonenumbers.PhoneNumberFormat.E164,
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            phonenumbers.PhoneNumberFormat.NATIONAL,
        ]
    )
    return _framed("phone", phonenumbers.format_number(_phone_number(dice), form), dice)


def _said_phone(dice: random.Random) -> Planted:
    number = _phone_number(dice)
    digits = f"{number.country_code}{number.national_number}"
    return _framed("phone", dice.choice(["plus ", "", "+ "]) + spoken(digits, dice), dice)


def account_number(dice: random.Random) -> str:
    """An IBAN of one of five countries, made up and valid."""
    letters = "".join(dice.choices(string.ascii_uppercase, k=4))
    country, bank, size = dice.choice(
        [("DE", "", 18), ("FR", "", 23), ("GB", letters, 14), ("NL", letters, 10), ("AT", "", 16)]
    )
    body = bank + "".join(dice.choices(string.digits, k=size))
    return country + iban.calc_check_digits(f"{country}00{body}") + body


def _iban(dice: random.Random) -> Planted:
    number = account_number(dice)
    groups = [number[at : at + 4] for at in range(0, len(number), 4)]
    written = dice.choice(["", " ", "-"]).join(groups)
    return _framed("iban", dice.choice([written, written.lower()]), dice, _letters(number))


def _said_iban(dice: random.Random) -> Planted:
    number = account_number(dice)
    said = " ".join(NAMES[int(sign)] if sign.isdigit() else sign for sign in number)
    return _framed("iban", dice.choice([said, said.lower()]), dice)


def _letters(number: str) -> tuple[str, ...]:
    return (number[4:8].lower(),) if number[4].isalpha() else ()


def _address(dice: random.Random) -> tuple[str, str, str]:
    first, last = (
        "".join(dice.choices(string.ascii_lowercase, k=7)) + "q",
        "".join(dice.choices(string.ascii_lowercase, k=6)) + "x",
    )
    return first, last, "".join(dice.choices(string.ascii_lowercase, k=9)) + "z"


def _mail(dice: random.Random) -> Planted:
    first, last, host = _address(dice)
    local = dice.choice([f"{first}.{last}", f"{first}_{last}77", f"{first}+{last}"])
    ending = dice.choice(["com", "co.uk", "de", "info"])
    return _framed("email", f"{local}@{host}.{ending}", dice, (first, last, host))


def _said_mail(dice: random.Random) -> Planted:
    first, last, host = _address(dice)
    join = dice.choice([" dot ", " underscore ", " dash ", " "])
    ending = dice.choice(["com", "co dot uk", "de", "info"])
    domain = dice.choice([f"{host} dot {ending}", f"{host}.com"])
    return _framed("email", f"{first}{join}{last} at {domain}", dice, (first, last, host))


def _postcode(dice: random.Random) -> Planted:
    zip_code = "".join(dice.choices(string.digits, k=5))
    written = dice.choice([zip_code, spoken(zip_code, dice), " ".join(zip_code)])
    traces: tuple[str, ...] = ()
    if dice.random() < 0.3:
        inward = dice.choice("ABDEFGHJ") + dice.choice("LNPQRST")
        written = f"{dice.choice(['SW1A', 'M1', 'EC2V', 'B33'])} {dice.randrange(10)}{inward}"
        traces = (written.lower(),)
    cue = dice.choice(["my zip code is", "postcode", "the postal code, it's", "ZIP:"])
    sentence = f"{cue} {written} and the order is 4271"
    told = f"{cue} {written}"
    return Planted("postcode", sentence, f"{cue} and the order is 4271", traces, value=told)


def _cvv(dice: random.Random) -> Planted:
    code = "".join(dice.choices(string.digits, k=dice.choice([3, 4])))
    said = dice.choice([code, spoken(code, dice)])
    cue = dice.choice(["the security code is", "cvv", "CVC:", "digits on the back are"])
    before = dice.random() < 0.7
    sentence = f"{cue} {said} for order 4271" if before else f"{said} is the security code"
    told = f"{cue} {said}" if before else f"{said} is the security code"
    return Planted("cvv", sentence, "for order 4271" if before else "", value=told)


def _number(dice: random.Random) -> Planted:
    # With a one in front it may be microseconds since 1970, which logs keep.
    digits = "".join(dice.choices(string.digits[2:], k=dice.randrange(7, 40)))
    return _framed("number", dice.choice([digits, spoken(digits, dice)]), dice)


def _secret(dice: random.Random) -> Planted:
    signs = "".join(dice.choices("BCDFGHJKLMNPQRSTVWXZ", k=2)) + str(dice.randrange(1000, 10000))
    ways = [signs, "-".join(signs), " ".join(signs), signs.lower()]
    said = " ".join(NAMES[int(sign)] if sign.isdigit() else sign for sign in signs)
    return _framed("secret", dice.choice([*ways, said]), dice, secret=signs)
