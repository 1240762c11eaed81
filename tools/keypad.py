"""What a caller enters on their keypad and nobody else may learn: a PIN, a one-time code.

The digits go from the telephone to the tool's own code and on to the office. No model hears them,
no argument, result, record or log holds them. While they are awaited the caller is asked for them
by a fixed sentence (`on_wait`), whatever the model says. A key that is pressed by itself while none
are awaited may answer a question (`on_answer`); several are somebody's number. Owned by
`tools.gate`.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from tools.errors import NotAllowed

WITHIN_S = 25.0
# Whoever forgets the pound key has still entered everything, and waits for an answer.
LAST_KEY_S = 1.8
# A key is an answer if no other comes within this time before or after it.
ALONE_S = 1.5
# What is pressed so soon after digits were awaited still belongs to them.
AFTERWARDS_S = 5.0
# Nobody is cut off from the model again and again for digits that do not come.
MOST_EMPTY = 2
END, CLEAR = "#", "*"

NO_KEYS_SAY = "I did not get the digits. Shall we try once more?"
NO_KEYPAD_SAY = "I cannot take digits from your keypad, so let us do it another way."


class Secret(StrEnum):
    """What is asked for; the value names the sentence that asks."""

    PIN = "enter_pin"
    CODE = "enter_code"
    CARD = "enter_card"
    """For tools of your own that take payments; none here does."""


# Fewest and most digits.
LENGTHS = {Secret.PIN: (4, 8), Secret.CODE: (6, 6), Secret.CARD: (12, 19)}


class Keypad:
    """One caller's keys. `on_wait` hears what is awaited, and None once nothing is any more."""

    def __init__(self, clock: Callable[[], float], on_answer: Callable[[str], None]) -> None:
        self.on_wait: Callable[[Secret | None], None] = lambda _: None
        self._clock, self._on_answer = clock, on_answer
        self._keys: asyncio.Queue[str] | None = None
        self._empty = 0
        self._closed = False
        self._quiet_until = float("-inf")
        self._answer: asyncio.TimerHandle | None = None

    def press(self, key: str) -> None:
        """The caller pressed one of 0 to 9, * and #."""
        if self._keys is not None:
            self._keys.put_nowait(key)
            return
        now, alone = self._clock(), self._clock() >= self._quiet_until
        self._quiet_until = max(self._quiet_until, now + ALONE_S)
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None
        if alone:
            loop = asyncio.get_running_loop()
            self._answer = loop.call_later(ALONE_S, self._answered, key)

    def close(self) -> None:
        """No key will come any more: whoever waits for one need not."""
        self._closed = True
        if self._keys is not None:
            self._keys.put_nowait(END)

    async def read(self, secret: Secret) -> str:
        """Ask for `secret` and wait for its digits.

        Raises:
            NotAllowed: too few of them came in time, or they are being awaited already.
        """
        if self._keys is not None:
            raise NotAllowed("keys_awaited")
        if self._empty >= MOST_EMPTY or self._closed:
            raise NotAllowed("no_keypad", NO_KEYPAD_SAY)
        self._keys = asyncio.Queue()
        self.on_wait(secret)
        try:
            return await self._digits(self._keys, *LENGTHS[secret])
        finally:
            self._keys = None
            self._quiet_until = self._clock() + AFTERWARDS_S
            self.on_wait(None)

    async def _digits(self, keys: "asyncio.Queue[str]", fewest: int, most: int) -> str:
        digits = ""
        ends_at = asyncio.get_running_loop().time() + WITHIN_S
        while len(digits) < most:
            key = await _next(keys, ends_at, patient=len(digits) < fewest)
            if key == CLEAR:
                digits = ""
            elif key in ("", END):
                break
            else:
                digits += key
        if len(digits) < fewest:
            self._empty += 1
            raise NotAllowed("no_keys", NO_KEYS_SAY)
        return digits

    def _answered(self, key: str) -> None:
        self._answer = None
        self._on_answer(key)


async def _next(keys: "asyncio.Queue[str]", ends_at: float, *, patient: bool) -> str:
    """The next key; "" if none comes."""
    soon = asyncio.get_running_loop().time() + LAST_KEY_S
    try:
        async with asyncio.timeout_at(ends_at if patient else min(ends_at, soon)):
            return await keys.get()
    except TimeoutError:
        return ""
