"""What a caller enters on their keypad and nobody else may learn: a PIN, a one-time code.

The digits go from the telephone to the tool's own code and on to the office. No model hears them,
no argument, result, record or log holds them. While they are awaited the caller is asked for them
by a fixed sentence (`on_wait`), whatever the model says. Owned by `tools.gate`.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from tools.errors import NotAllowed

WITHIN_S = 25.0
# Whoever forgets the pound key has still entered everything.
LAST_KEY_S = 4.0
END, CLEAR = "#", "*"

NO_KEYS_SAY = "I did not get the digits. Shall we try once more?"


class Secret(StrEnum):
    """What is asked for; the value names the sentence that asks."""

    PIN = "enter_pin"
    CODE = "enter_code"


# Fewest and most digits.
LENGTHS = {Secret.PIN: (4, 8), Secret.CODE: (6, 6)}


class Keypad:
    """One caller's keys. `on_wait` hears what is awaited, and None once nothing is any more."""

    def __init__(self) -> None:
        self.on_wait: Callable[[Secret | None], None] = lambda _: None
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._reading = asyncio.Lock()

    @property
    def reads(self) -> bool:
        """Whether keys are awaited: what is pressed now is nobody else's business."""
        return self._reading.locked()

    def press(self, key: str) -> None:
        """The caller pressed one of 0 to 9, * and #; ignored while nothing is awaited."""
        if self.reads:
            self._keys.put_nowait(key)

    async def read(self, secret: Secret) -> str:
        """Ask for `secret` and wait for its digits.

        Raises:
            NotAllowed: too few of them came in time.
        """
        async with self._reading:
            self._keys = asyncio.Queue()
            self.on_wait(secret)
            try:
                return await self._digits(*LENGTHS[secret])
            finally:
                self.on_wait(None)

    async def _digits(self, fewest: int, most: int) -> str:
        digits = ""
        ends_at = asyncio.get_running_loop().time() + WITHIN_S
        while len(digits) < most:
            key = await self._next(ends_at, patient=len(digits) < fewest)
            if key == CLEAR:
                digits = ""
            elif key in ("", END):
                break
            else:
                digits += key
        if len(digits) < fewest:
            raise NotAllowed("no_keys", NO_KEYS_SAY)
        return digits

    async def _next(self, ends_at: float, *, patient: bool) -> str:
        """The next key; "" if none comes."""
        soon = asyncio.get_running_loop().time() + LAST_KEY_S
        try:
            async with asyncio.timeout_at(ends_at if patient else min(ends_at, soon)):
                return await self._keys.get()
        except TimeoutError:
            return ""
