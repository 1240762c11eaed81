"""Counts that all calls share, in a real Redis, and what becomes of them without it."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from rehearsal.stack import Stack
from tools.shared import ANSWER_S, PREFIX, open_shared


def digest(subject: str) -> str:
    """As the worker would, for eyes."""
    return f"digest of {len(subject)}"


@pytest_asyncio.fixture(scope="module", loop_scope="module", name="stack")
async def _stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with Stack.start(tmp_path_factory.mktemp("redis"), parts=["redis"]) as stack:
        yield stack


@pytest.fixture(name="url")
def _url(stack: Stack) -> str:
    return f"redis://127.0.0.1:{stack.ports.redis}"


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_two_calls_count_together(url: str) -> None:
    """Each is a process; together they are one company."""
    async with open_shared(url, digest=digest) as one, open_shared(url, digest=digest) as other:
        assert await one.add("guesses", 2, 60) == 2
        assert await other.add("guesses", 1, 60) == 3
        assert await one.get("guesses") == 3
        assert one.shared
        await other.drop("guesses")
        assert await one.get("guesses") == 0


async def test_one_of_many_is_first(url: str) -> None:
    """Whoever claims it has it until its time is over."""
    async with open_shared(url, digest=digest) as shared:
        claimed = await asyncio.gather(*(shared.claim("trial", 60) for _ in range(20)))

    assert claimed.count(True) == 1


async def test_a_count_ends_with_its_time(url: str) -> None:
    """Begun with the first; further ones do not prolong it."""
    async with open_shared(url, digest=digest) as shared, Redis.from_url(url) as redis:
        await shared.add("day", 1, 100)
        await shared.add("day", 1, 100_000)

        assert 0 < await redis.pttl(f"{PREFIX}day") <= 100_000


async def test_names_hold_nobodys_number(url: str) -> None:
    """Whoever looks into Redis sees digests."""
    async with open_shared(url, digest=digest) as shared, Redis.from_url(url) as redis:
        await shared.add(f"guesses:{shared.who('+15550001111')}", 1, 60)

        names = [name async for name in redis.scan_iter(f"{PREFIX}*")]
    assert names
    assert not [name for name in names if b"1555" in name]


async def test_a_redis_that_is_gone_costs_a_caller_nothing(stack: Stack, url: str) -> None:
    """This call counts for itself and says so; when Redis is back it is asked again."""
    clock = Moved()
    async with open_shared(url, digest=digest) as shared:
        shared._clock = clock
        assert await shared.add("before", 1, 60) == 1
        await stack.kill("redis")
        began = time.monotonic()
        assert [await shared.add("alone", 1, 60) for _ in range(3)] == [1, 2, 3]
        assert time.monotonic() - began < ANSWER_S + 1
        assert not shared.shared

        await stack.restart("redis")
        assert await shared.add("alone", 1, 60) == 4
        clock.ahead_s = 60
        assert await shared.add("alone", 1, 60) == 1
        assert shared.shared


class Moved:
    """A clock that tests set ahead."""

    ahead_s = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return time.monotonic() + self.ahead_s


async def test_a_redis_that_hangs_is_given_up(url: str) -> None:
    """Somebody listens and says nothing: a quarter of a second, once."""
    gone = asyncio.Event()

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with open_shared(f"redis://127.0.0.1:{port}", digest=digest) as shared:
            began = time.monotonic()
            for _ in range(5):
                await shared.add("alone", 1, 60)
            assert time.monotonic() - began < 4 * ANSWER_S
        await gone.wait()


async def test_without_a_redis_nothing_is_shared() -> None:
    """A worker that has none says so to whoever depends on it."""
    async with open_shared(None, digest=digest) as shared:
        assert await shared.add("alone", 1, 60) == 1
        assert not shared.shared
