"""Counts that all calls of a company share: limits by the day, lockouts, what a breaker knows.

They live in Redis, since every call is a process of its own. When Redis does not answer, a caller
does not wait for it: this process counts for itself for a while, and `shared` says so, so that what
must not be guessed is refused. Names of counts hold digests, never anybody's number.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX = "frontdesk:"
# Redis answers within a millisecond; a caller hears nothing of this.
ANSWER_S = 0.25
AWAY_S = 5.0

Found = TypeVar("Found")

log = structlog.get_logger(__name__)


class Store(Protocol):
    """Whole numbers by name, each for a time."""

    async def add(self, name: str, amount: int, ttl_s: float) -> int:
        """Add to a number, which begins at 0 and is kept for `ttl_s` from its beginning."""

    async def get(self, name: str) -> int:
        """The number; 0 if there is none."""

    async def claim(self, name: str, ttl_s: float) -> bool:
        """Whether the caller is the first to ask for `name` within `ttl_s`."""

    async def drop(self, *names: str) -> None:
        """Forget these numbers."""


class LocalStore:
    """This process's own numbers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[int, float]] = {}

    async def add(self, name: str, amount: int, ttl_s: float) -> int:
        """See `Store`."""
        value, until = self._live(name) or (0, self._clock() + ttl_s)
        self._kept[name] = (value + amount, until)
        return value + amount

    async def get(self, name: str) -> int:
        """See `Store`."""
        return (self._live(name) or (0, 0.0))[0]

    async def claim(self, name: str, ttl_s: float) -> bool:
        """See `Store`."""
        return await self.add(name, 1, ttl_s) == 1

    async def drop(self, *names: str) -> None:
        """See `Store`."""
        for name in names:
            self._kept.pop(name, None)

    def _live(self, name: str) -> tuple[int, float] | None:
        kept = self._kept.get(name)
        return kept if kept and kept[1] > self._clock() else None


class RedisStore:
    """Everybody's numbers."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def add(self, name: str, amount: int, ttl_s: float) -> int:
        """See `Store`."""
        async with self._redis.pipeline(transaction=True) as both:
            both.set(PREFIX + name, 0, px=_ms(ttl_s), nx=True)
            both.incrby(PREFIX + name, amount)
            return int((await both.execute())[1])

    async def get(self, name: str) -> int:
        """See `Store`."""
        return int(await self._redis.get(PREFIX + name) or 0)

    async def claim(self, name: str, ttl_s: float) -> bool:
        """See `Store`."""
        return bool(await self._redis.set(PREFIX + name, 1, px=_ms(ttl_s), nx=True))

    async def drop(self, *names: str) -> None:
        """See `Store`."""
        await self._redis.delete(*(PREFIX + name for name in names))


class Shared:
    """The shared store, or this process's own while there is none."""

    def __init__(
        self,
        remote: Store | None = None,
        *,
        digest: Callable[[str], str] = lambda subject: subject,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.who = digest
        """Somebody's number or name as it may be part of a count's name."""
        self._remote, self._local, self._clock = remote, LocalStore(clock), clock
        self._away_until = float("-inf") if remote else float("inf")

    @property
    def shared(self) -> bool:
        """Whether what was counted last is what everybody counted."""
        return self._clock() >= self._away_until

    async def add(self, name: str, amount: int, ttl_s: float) -> int:
        """See `Store`."""
        return await self._ask(lambda store: store.add(name, amount, ttl_s))

    async def get(self, name: str) -> int:
        """See `Store`."""
        return await self._ask(lambda store: store.get(name))

    async def claim(self, name: str, ttl_s: float) -> bool:
        """See `Store`."""
        return await self._ask(lambda store: store.claim(name, ttl_s))

    async def drop(self, *names: str) -> None:
        """See `Store`."""
        await self._ask(lambda store: store.drop(*names))

    async def _ask(self, asked: Callable[[Store], Awaitable[Found]]) -> Found:
        if self._remote is not None and self.shared:
            try:
                async with asyncio.timeout(ANSWER_S):
                    return await asked(self._remote)
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._clock() + AWAY_S
                log.warning("redis does not answer", error=type(error).__name__)
        return await asked(self._local)


@asynccontextmanager
async def open_shared(url: str | None, *, digest: Callable[[str], str]) -> AsyncIterator[Shared]:
    """Shared counts in the Redis at `url`; without one, this process's own."""
    if url is None:
        yield Shared(digest=digest)
        return
    async with Redis.from_url(url) as redis:
        yield Shared(RedisStore(redis), digest=digest)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
