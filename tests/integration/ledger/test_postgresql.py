"""What only PostgreSQL promises: it serves many machines, and may go away and come back."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from records.call_keys import seals_of
from records.kept import KeptLedger
from records.ledger import Begun, NotKept
from records.settings import RecordsAccess
from records.store import LETTING_GO_S, open_engine
from records.upgrade import upgrade
from tests.integration.conftest import in_postgres
from tests.integration.ledger.test_ledger import CANCEL
from tests.integration.postgres import Postgres

SEALS = seals_of(bytes(range(32)))
# Scheduling on a busy machine, not part of any promise.
SLACK_S = 1.0


@pytest.fixture
def access(crashing: Postgres) -> RecordsAccess:
    """A record on a server that tests may stop."""
    return in_postgres(crashing)


async def test_what_is_told_done_is_on_the_disk(crashing: Postgres, access: RecordsAccess) -> None:
    """Whatever the server says by default, and with the limits of a caller's patience."""
    lax = "ALTER SYSTEM SET synchronous_commit = off"
    crashing.ask(lax)
    crashing.ask("ALTER SYSTEM SET default_transaction_isolation = 'serializable'")
    crashing.ask("SELECT pg_reload_conf()")
    try:
        async with open_engine(access) as engine, engine.connect() as connection:
            asked = "synchronous_commit", "transaction_isolation", "statement_timeout"
            shown = [(await connection.execute(text(f"SHOW {name}"))).scalar() for name in asked]
    finally:
        crashing.ask("ALTER SYSTEM RESET ALL")
        crashing.ask("SELECT pg_reload_conf()")

    assert shown == ["on", "read committed", "1s"]


async def test_options_of_the_url_stay(access: RecordsAccess) -> None:
    """A search path for one; ours come behind them."""
    url = make_url(access.url).update_query_dict({"options": "-c search_path=desk"})
    told = access.model_copy(update={"url": url.render_as_string(hide_password=False)})
    async with open_engine(told) as engine, engine.connect() as connection:
        shown = [
            (await connection.execute(text(f"SHOW {name}"))).scalar()
            for name in ("search_path", "lock_timeout")
        ]

    assert shown == ["desk", "1s"]


async def test_a_server_that_is_not_there_is_told_on_one_line(tmp_path: object) -> None:
    """At the start of a worker, with its setting."""
    url = f"postgresql+psycopg://frontdesk@/records?host={tmp_path}"
    nowhere = RecordsAccess.model_validate({"url": url, "key": "A" * 43 + "="})

    with pytest.raises(NotKept, match="FRONTDESK_RECORDS_URL") as told:
        await upgrade(nowhere)

    assert len(str(told.value).splitlines()) == 1


async def test_a_server_that_went_away_and_came_back_is_used_again(
    engine: AsyncEngine, crashing: Postgres
) -> None:
    """At once: connections that died are not tried on a caller."""
    ledger = KeptLedger(engine, SEALS)
    begun = await ledger.intend(CANCEL)
    assert isinstance(begun, Begun)

    crashing.stop()
    crashing.start()

    assert await ledger.end(begun.key, "ok")


async def test_a_call_that_ends_while_its_server_is_frozen_is_not_held(
    access: RecordsAccess, crashing: Postgres
) -> None:
    """Nor is its job: what was given up lets go of its connection."""
    await upgrade(access)
    with ExitStack() as until_thawed:
        async with open_engine(access) as engine:
            await KeptLedger(engine, SEALS).look(CANCEL)
            until_thawed.enter_context(crashing.frozen())
            with pytest.raises(NotKept, match="too long"):
                await KeptLedger(engine, SEALS).look(CANCEL)
            began = time.monotonic()
        took = time.monotonic() - began

    assert took < LETTING_GO_S + SLACK_S


async def test_a_server_that_stops_within_an_intent_has_begun_nothing(
    engine: AsyncEngine, access: RecordsAccess, crashing: Postgres
) -> None:
    """Nobody was told Begun; when it is back the wish is free."""
    ledger, name = KeptLedger(engine, SEALS), make_url(access.url).database or ""
    assert await ledger.look(CANCEL) is None
    with crashing.connected(name) as other, other.transaction():
        # Lets others read, as an intent does first, and lets nobody write.
        other.execute("LOCK TABLE tool_uses IN SHARE MODE")
        intending = asyncio.create_task(ledger.intend(CANCEL))
        assert await asyncio.to_thread(crashing.somebody_waits, name)
        crashing.stop()
        with pytest.raises(NotKept):
            await intending
        other.close()
    crashing.start()

    assert isinstance(await ledger.intend(CANCEL), Begun)


async def test_who_was_told_that_it_is_begun_finds_it_after_a_crash(
    engine: AsyncEngine, crashing: Postgres
) -> None:
    """Wherever in a transaction the server stopped; who was told nothing may find it or not."""
    ledger, told = KeptLedger(engine, SEALS), []
    enough = asyncio.Event()

    async def keep_wishing(who: int) -> None:
        for n in range(10_000):
            begun = await ledger.intend(replace(CANCEL, arguments={"order": f"{who}-{n}"}))
            assert isinstance(begun, Begun)
            told.append(begun.key)
            if len(told) == 50:
                enough.set()

    wishing = [asyncio.create_task(keep_wishing(who)) for who in range(4)]
    await enough.wait()
    await asyncio.to_thread(crashing.stop)
    ends = await asyncio.gather(*wishing, return_exceptions=True)
    crashing.start()

    assert {type(end) for end in ends} == {NotKept}
    async with engine.connect() as connection:
        kept = set((await connection.execute(text("SELECT id FROM tool_uses"))).scalars())
    assert set(told) <= kept
