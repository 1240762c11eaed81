"""What a stack remembers between calls besides the office: looked into, and forgotten with it."""

from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncConnection

from records.opened import open_record
from records.schema import follow_ups as promises
from records.schema import tool_uses
from records.store import open_engine, transact
from rehearsal.stack.stack import Stack
from tools.shared import PREFIX


async def forget(stack: Stack) -> None:
    """Empty the worker's record and its counts, as whoever restores the office must."""
    async with Redis.from_url(stack.redis_url) as redis:
        if counts := [name async for name in redis.scan_iter(f"{PREFIX}*")]:
            await redis.delete(*counts)
    async with open_engine(stack.records) as engine:
        await transact(engine, _empty)


async def _empty(connection: AsyncConnection) -> None:
    for table in (promises, tool_uses):
        await connection.execute(table.delete())


async def follow_ups(stack: Stack) -> list[str]:
    """The kinds of what the staff have to do, the oldest first."""
    async with open_record(stack.records) as record:
        return [one.kind for one in await record.follow_ups.all()]
