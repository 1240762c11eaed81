"""An event loop whose waits are instant: time jumps to the next thing that is due.

For tests without sockets or threads only, since nothing from outside can arrive in no time.
"""

import asyncio
import selectors
from typing import Any


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop with a clock that `_Jumping` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self.now


async def pass_time(seconds: float) -> None:
    """Let `seconds` go by on the loop's clock, which takes no time at all."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    passed = asyncio.Event()
    loop.call_later(seconds, passed.set)
    await passed.wait()


class _Jumping(selectors.DefaultSelector):
    """Never waits: where asyncio would, it moves the loop's clock instead."""

    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        """Ready files now; else none, with the clock `timeout` seconds on."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("deadlock: nothing is due, and nothing can come from outside")
        if not ready and timeout:
            self._loop.now += timeout
        return ready
