"""Proofs by keypad, and what they open, as the real office has it afterwards."""

import asyncio
from typing import Any

import pytest

from tests.integration.office.conftest import Running
from tests.integration.office.talk import Talk, talking

PROVING = ("verify_by_pin", "send_code", "check_code", "change_phone", "send_password_reset")
NEW = "5558675309"


async def keyed(talk: Talk, name: str, keys: str, **arguments: Any) -> dict[str, Any]:
    """What becomes of a tool while whose use the caller presses `keys`."""
    asked = asyncio.Event()
    talk.gate.listen_for_keys(lambda secret: asked.set() if secret else None, lambda _: None)
    use = asyncio.create_task(talk.use(name, **arguments))
    await asyncio.wait_for(asked.wait(), 5)
    for key in keys:
        talk.gate.key_pressed(key)
    return await use


async def sent(office: Running) -> list[dict[str, Any]]:
    """What customers would have received."""
    found = (await office.client.get("/rehearsal/messages")).json()["messages"]
    assert isinstance(found, list)
    return found


async def code_of(office: Running) -> str:
    """The code that was sent last."""
    text = str((await sent(office))[-1]["text"])
    return "".join(char for char in text if char.isdigit())


async def operations(office: Running) -> list[str]:
    """What has changed at the office."""
    return [effect["operation"] for effect in await office.effects()]


async def test_a_pin_verifies_as_well_as_a_zip_code(office: Running) -> None:
    """What needs a verified caller is open afterwards."""
    async with talking(office, *PROVING, verified=False) as talk:
        before = await talk.use("send_password_reset")
        told = await keyed(talk, "verify_by_pin", "7391#")
        asked = await talk.use("send_password_reset")

    assert (before["reason"], told["outcome"], asked["outcome"]) == (
        "not_verified",
        "ok",
        "needs_yes",
    )


async def test_a_stranger_says_whose_pin_it_is(office: Running) -> None:
    """From a withheld number: the customer number aloud, the PIN by keypad."""
    async with talking(office, *PROVING, caller=None, verified=False) as talk:
        talk.gate.caller_said("three zero eight six two")
        wrong = await keyed(talk, "verify_by_pin", "7391#", customer_number="30862")
        right = await keyed(talk, "verify_by_pin", "2846#", customer_number="30862")

    assert (wrong["reason"], right["outcome"]) == ("no_match", "ok")


async def test_a_link_goes_to_the_address_on_file_and_is_not_told(office: Running) -> None:
    """Once, however often the model repeats itself; no address in what it is told."""
    async with talking(office, *PROVING) as talk:
        told = await talk.agreed("send_password_reset")
        again = await talk.use("send_password_reset")

    assert [m["sent_to"] for m in await sent(office)] == ["robin.ellis@example.com"]
    assert (told["outcome"], again["outcome"]) == ("ok", "duplicate")
    assert not {"@", "http"} & {part for part in ("@", "http") if part in str([told, again])}


async def test_what_needs_a_code_waits_for_one(office: Running) -> None:
    """Knowledge alone changes no phone number; a code that fits does."""
    async with talking(office, *PROVING) as talk:
        refused = await talk.use("change_phone", new_number=NEW)
        await talk.use("send_code")
        checked = await keyed(talk, "check_code", await code_of(office))
        told = await talk.agreed("change_phone", new_number=NEW)

    assert (refused["reason"], checked["outcome"], told["outcome"]) == ("needs_code", "ok", "ok")
    assert await operations(office) == ["send_code", "change_phone"]


async def test_a_code_is_good_once_and_for_its_customer(office: Running) -> None:
    """Used up, or entered by a caller who turns out to be somebody else."""
    async with talking(office, *PROVING) as talk:
        await talk.use("send_code")
        code = await code_of(office)
        assert (await keyed(talk, "check_code", code))["outcome"] == "ok"
        assert (await keyed(talk, "check_code", code))["reason"] == "no_match"
        talk.gate.caller_said("I am three zero eight six two, six zero six one four")
        who = {"zip_code": "60614", "customer_number": "30862"}
        assert (await talk.use("verify_caller", **who))["outcome"] == "ok"

        assert (await talk.use("change_phone", new_number=NEW))["reason"] == "needs_code"


async def test_guessed_codes_are_stopped(office: Running) -> None:
    """Three, then the call goes no further, and neither does the code."""
    async with talking(office, *PROVING) as talk:
        await talk.use("send_code")
        right = await code_of(office)
        wrong = f"{(int(right) + 1) % 10**6:06}"
        reasons = [(await keyed(talk, "check_code", wrong))["reason"] for _ in range(3)]
        late = await talk.use("check_code")

    assert reasons == ["no_match", "no_match", "locked"]
    assert late["reason"] == "locked"
    assert await operations(office) == ["send_code"]


async def test_nobody_enters_a_code_before_they_are_verified(office: Running) -> None:
    """Whoever has found the telephone knows nothing yet."""
    async with talking(office, *PROVING, verified=False) as talk:
        assert (await talk.use("send_code"))["reason"] == "not_verified"
        assert (await talk.use("check_code"))["reason"] == "not_verified"
    assert await sent(office) == []


async def test_a_number_of_somebody_else_is_left_alone(office: Running) -> None:
    """The caller hears why, and nothing has changed."""
    async with talking(office, *PROVING) as talk:
        await talk.use("send_code")
        await keyed(talk, "check_code", await code_of(office))
        told = await talk.agreed("change_phone", new_number="5550002222")

    assert (told["outcome"], told["reason"]) == ("refused", "phone_taken")
    assert await operations(office) == ["send_code"]


@pytest.mark.parametrize("phone", ["911", "+49 30 123456", "555867530", 5, None, "1555867530a"])
async def test_a_phone_number_is_ten_digits(office: Running, phone: object) -> None:
    """Nothing is guessed where the company will call."""
    async with talking(office, *PROVING) as talk:
        assert (await talk.use("change_phone", new_number=phone))["outcome"] == "invalid_arguments"
