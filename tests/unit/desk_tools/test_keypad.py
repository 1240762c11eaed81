"""Digits that go past every model: how they are collected, and where they never are."""

import asyncio
import json
from contextlib import suppress

import pytest

from tests.unit.desk_tools.desk import Desk, opened
from tests.unit.desk_tools.virtual_time import pass_time
from tools.errors import NotAllowed
from tools.keypad import ALONE_S, LAST_KEY_S, MOST_EMPTY, WITHIN_S, Keypad, Secret


async def read(keys: str, *, secret: Secret = Secret.PIN, wait_s: float = 0.0) -> str:
    """What a keypad takes `keys` for, with `wait_s` of patience after the last."""
    keypad = Keypad(asyncio.get_running_loop().time, lambda _: None)
    reading = asyncio.create_task(keypad.read(secret))
    await pass_time(0.01)
    for key in keys:
        keypad.press(key)
    await pass_time(wait_s)
    with suppress(NotAllowed):
        return await reading
    return ""


@pytest.mark.parametrize(
    ("keys", "digits"),
    [
        ("7391#", "7391"),
        ("73910042", "73910042"),
        ("73*7391#", "7391"),
        ("7391", "7391"),
        ("739#", ""),
        ("#", ""),
        ("", ""),
    ],
)
async def test_a_pin_ends_with_pound_or_with_patience(keys: str, digits: str) -> None:
    """A star begins anew; too few digits are none."""
    assert await read(keys, wait_s=LAST_KEY_S) == digits


async def test_a_code_is_taken_with_its_last_digit() -> None:
    """Nobody waits for the pound key when the length is known."""
    began = asyncio.get_running_loop().time()

    assert await read("314159", secret=Secret.CODE) == "314159"
    assert asyncio.get_running_loop().time() - began < 1.0


async def test_nobody_waits_for_keys_for_ever() -> None:
    """A caller without a keypad hears so, and can be asked something else."""
    began = asyncio.get_running_loop().time()

    assert await read("12") == ""
    assert asyncio.get_running_loop().time() - began == pytest.approx(WITHIN_S, abs=0.1)


async def test_what_is_awaited_is_told_and_taken_back() -> None:
    """Also when the use that waits is cancelled: the fixed sentence must not go on asking."""
    told: list[Secret | None] = []
    keypad = Keypad(asyncio.get_running_loop().time, lambda _: None)
    keypad.on_wait = told.append
    reading = asyncio.create_task(keypad.read(Secret.PIN))
    await pass_time(1)
    reading.cancel()
    await asyncio.wait([reading])

    assert told == [Secret.PIN, None]


async def entered(desk: Desk, keys: str) -> dict[str, object]:
    """What the model is told when the caller enters `keys` as their PIN."""
    use = asyncio.create_task(desk.use("verify_by_pin"))
    await pass_time(0.1)
    for key in keys:
        desk.gate.key_pressed(key)
    return await use


async def test_a_pin_reaches_neither_model_nor_record() -> None:
    """It is in no answer, in no argument and in no use that is kept."""
    async with opened(more=("verify_by_pin",)) as desk:
        told = await entered(desk, "7391#")

        assert told == {"outcome": "ok", "say": "Thank you, you are verified."}
        assert "7391" not in json.dumps([vars(use) for use in desk.uses], default=str)


async def test_keys_pressed_before_they_are_asked_for_are_nothing() -> None:
    """Somebody's menu habits are not the first digits of their PIN."""
    async with opened(more=("verify_by_pin",)) as desk:
        desk.gate.key_pressed("7")

        assert (await entered(desk, "391#"))["reason"] == "no_keys"


async def test_wrong_pins_lock_like_wrong_zip_codes() -> None:
    """Over all methods together: three guesses, then a person."""
    async with opened(more=("verify_by_pin",)) as desk:
        desk.gate.caller_said("one one one one one")
        await desk.use("verify_caller", zip_code="11111")
        reasons = [(await entered(desk, "0000#"))["reason"] for _ in range(3)]
        right = await entered(desk, "7391#")

    assert (reasons, right["reason"]) == (["no_match", "locked", "locked"], "locked")


@pytest.mark.parametrize(("key", "outcome"), [("1", "ok"), ("2", "refused"), ("5", "needs_yes")])
async def test_a_question_can_be_answered_by_key(desk: Desk, key: str, outcome: str) -> None:
    """One is yes and two is no, on a line too noisy for words."""
    await desk.ask_to_cancel()
    desk.gate.key_pressed(key)
    await pass_time(ALONE_S)

    assert (await desk.use("cancel_order", order="4302"))["outcome"] == outcome


async def test_a_key_is_no_yes_to_what_was_not_read_back(desk: Desk) -> None:
    """A model that asks something else gets no consent by it."""
    await desk.verify()
    await desk.use("cancel_order", order="4302")
    desk.gate.agent_said("For a human, press one.")
    desk.gate.key_pressed("1")
    await pass_time(ALONE_S)

    told = await desk.use("cancel_order", order="4302")

    assert (told["outcome"], told["reason"]) == ("needs_yes", "not_read_back")
    assert "press one for yes" in told["say"]


async def test_keys_mean_nothing_when_nothing_is_asked(desk: Desk) -> None:
    """No question, no answer."""
    words: list[str] = []
    desk.gate.listen_for_keys(lambda _: None, words.append)
    for key in "120#*":
        desk.gate.key_pressed(key)
        await pass_time(ALONE_S)

    assert words == []


@pytest.mark.parametrize("keys", ["1393", "1470", "2846", "11", "21"])
async def test_several_keys_are_no_answer(desk: Desk, keys: str) -> None:
    """A model that asks for a PIN aloud gets no yes out of its digits, and none of them."""
    words: list[str] = []
    desk.gate.listen_for_keys(lambda _: None, words.append)
    await desk.ask_to_cancel()
    for key in keys:
        desk.gate.key_pressed(key)
        await pass_time(0.3)
    await pass_time(ALONE_S)

    assert (words, desk.office.effects) == ([], [])
    assert (await desk.use("cancel_order", order="4302"))["outcome"] == "needs_yes"


async def test_digits_that_come_too_late_are_no_answer() -> None:
    """A question that was open when a PIN was asked for is none any more."""
    async with opened(more=("verify_by_pin",)) as desk:
        await desk.ask_to_cancel()
        assert (await entered(desk, ""))["reason"] == "no_keys"
        desk.gate.key_pressed("1")
        await pass_time(ALONE_S)

        assert (await desk.use("cancel_order", order="4302"))["outcome"] == "needs_yes"
        assert desk.office.effects == []


async def test_one_caller_is_asked_for_digits_by_one_use_at_a_time() -> None:
    """The second of two is refused at once: it would ask for what was entered already."""
    async with opened(more=("verify_by_pin",)) as desk:
        first = asyncio.create_task(entered(desk, "7391#"))
        await pass_time(0.05)

        assert (await desk.use("verify_by_pin"))["reason"] == "keys_awaited"
        assert (await first)["outcome"] == "ok"


async def test_a_caller_without_a_keypad_is_not_asked_for_ever() -> None:
    """Their voice is cut off from the model meanwhile."""
    async with opened(more=("verify_by_pin",)) as desk:
        reasons = [(await entered(desk, ""))["reason"] for _ in range(MOST_EMPTY + 1)]

    assert reasons == ["no_keys"] * MOST_EMPTY + ["no_keypad"]


async def test_nobody_waits_for_the_keys_of_a_caller_who_hung_up() -> None:
    """The call ends, and the use is in its record."""
    async with opened(more=("verify_by_pin",)) as desk:
        began = asyncio.get_running_loop().time()
        use = asyncio.create_task(desk.use("verify_by_pin"))
        await pass_time(1)
        desk.gate.caller_left()

        assert (await use)["reason"] == "no_keys"
        assert asyncio.get_running_loop().time() - began < 2
