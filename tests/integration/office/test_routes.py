"""The office's promises over HTTP: key, once-keys, fences, slots, and what it logs."""

import asyncio
import json
import sys
from pathlib import Path

import httpx

from rehearsal.stack.ports import any_port
from tests.integration.office.conftest import Running, started


def keyed(key: str) -> dict[str, str]:
    """The header of a write."""
    return {"Idempotency-Key": key}


async def test_every_route_but_health_needs_the_key(office: Running) -> None:
    """Without the key the office answers 401 in its own shape, to every route it documents."""
    spec = (await office.client.get("/openapi.json")).json()
    async with httpx.AsyncClient(base_url=office.url, trust_env=False) as stranger:
        for path, methods in spec["paths"].items():
            for method in methods:
                answer = await stranger.request(method, path.replace("{", "").replace("}", ""))
                assert answer.status_code == (200 if path == "/health" else 401), path


async def test_a_write_without_a_key_changes_nothing(office: Running) -> None:
    """A write that could not be recognised again is refused."""
    answer = await office.client.post("/orders/4302/cancel")

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert await office.effects() == []


async def test_a_repeat_gets_the_first_answer(office: Running) -> None:
    """The same key gives the same status and body, and no second effect."""
    first = await office.client.post("/orders/4302/cancel", headers=keyed("k1"))
    again = await office.client.post("/orders/4302/cancel", headers=keyed("k1"))
    other = await office.client.post("/orders/4302/cancel", headers=keyed("k2"))

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert other.json()["code"] == "already_cancelled"
    assert [e["subject"] for e in await office.effects()] == ["4302"]


async def test_a_refusal_is_an_answer_too(office: Running) -> None:
    """A repeat of a refused write is refused alike, even if it would succeed by now."""
    first = await office.client.post("/orders/4271/cancel", headers=keyed("k"))
    operation = (await office.client.get("/operations/k")).json()

    assert first.json()["code"] == "already_shipped"
    assert (operation["state"], operation["status"]) == ("done", 409)
    assert operation["answer"] == first.json()


async def test_a_key_belongs_to_its_arguments(office: Running) -> None:
    """The same key with other arguments is refused."""
    refund = "/orders/4418/refund"
    await office.client.post(refund, headers=keyed("k"), json={"amount_cents": 100})
    answer = await office.client.post(refund, headers=keyed("k"), json={"amount_cents": 200})

    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert len(await office.effects()) == 1


async def test_refunds_stop_at_the_total(office: Running) -> None:
    """Refunds of one order never add up to more than was paid."""
    total = (await office.client.get("/orders/4418")).json()["total_cents"]
    refund = "/orders/4418/refund"
    first = await office.client.post(refund, headers=keyed("1"), json={"amount_cents": total})
    second = await office.client.post(refund, headers=keyed("2"), json={"amount_cents": 1})

    assert first.json()["refunded_cents"] == total
    assert second.json()["code"] == "refund_exceeds_total"


async def test_an_address_changes_only_before_shipping(office: Running) -> None:
    """An order that has left the warehouse goes where it goes."""
    address = {"street": "1 Pier Street", "city": "Oakland", "state": "CA", "zip_code": "94612"}
    moved = await office.client.patch("/orders/4302/address", headers=keyed("1"), json=address)
    late = await office.client.patch("/orders/4271/address", headers=keyed("2"), json=address)

    assert moved.json()["address"] == address
    assert late.json()["code"] == "already_shipped"


async def test_a_fenced_key_is_refused_ever_after(office: Running) -> None:
    """A fence before the write makes "not done" final."""
    fence = (await office.client.delete("/operations/k")).json()
    answer = await office.client.post("/orders/4302/cancel", headers=keyed("k"))

    assert fence["state"] == "fenced"
    assert (answer.status_code, answer.json()["code"]) == (409, "fenced")
    assert (await office.client.get("/operations/k")).json()["state"] == "fenced"
    assert await office.effects() == []


async def test_a_fence_after_the_write_says_done(office: Running) -> None:
    """What is done cannot be fenced; the answer is the first one."""
    first = await office.client.post("/orders/4302/cancel", headers=keyed("k"))
    fence = (await office.client.delete("/operations/k")).json()

    assert (fence["state"], fence["answer"]) == ("done", first.json())


async def test_an_unknown_key_is_unknown(office: Running) -> None:
    """A key that never arrived is said to be unknown, not fenced by asking."""
    assert (await office.client.get("/operations/never")).json()["state"] == "unknown"


async def test_verification_tells_nothing_about_who_exists(office: Running) -> None:
    """A wrong ZIP code and an unknown customer get the same answer."""
    claims = [{"customer_number": "20417", "zip_code": "00000"}]
    claims += [{"customer_number": "00000", "zip_code": "94107"}]
    wrong = [(await office.client.post("/customers/verify", json=c)).json() for c in claims]
    right = {"phone": "+15550001111", "zip_code": "94107"}

    assert wrong[0] == wrong[1] == {"verified": False, "customer": None}
    assert (await office.client.post("/customers/verify", json=right)).json()["verified"]


async def test_one_slot_has_one_caller(office: Running) -> None:
    """Of ten callers who want the same slot at once exactly one gets it."""
    query = {"service": "bike_fitting", "location": "nyc", "from_day": "2027-06-07", "days": "1"}
    slots = (await office.client.get("/appointments/slots", params=query)).json()["slots"]
    wanted = {key: slots[0][key] for key in ("service", "resource", "starts_at")}

    async def book(caller: int) -> int:
        body = {"customer_number": "20417", **wanted}
        return (
            await office.client.post("/appointments", headers=keyed(f"k{caller}"), json=body)
        ).status_code

    statuses = await asyncio.gather(*(book(caller) for caller in range(10)))
    assert sorted(statuses) == [201] + [409] * 9
    assert slots[0]["starts_at"].endswith("-04:00")


async def test_an_appointment_moves_and_ends(office: Running) -> None:
    """A booked appointment can be moved to a free slot and cancelled once."""
    query = {"service": "tune_up", "location": "sf", "from_day": "2027-06-07", "days": "1"}
    slots = (await office.client.get("/appointments/slots", params=query)).json()["slots"]
    body = {k: slots[0][k] for k in ("service", "resource", "starts_at")}
    body["customer_number"] = "20417"
    booked = (await office.client.post("/appointments", headers=keyed("1"), json=body)).json()
    path = f"/appointments/{booked['appointment']}"
    later = {
        "starts_at": next(s for s in slots[1:] if s["resource"] == body["resource"])["starts_at"]
    }
    moved = await office.client.patch(path, headers=keyed("2"), json=later)
    ended = await office.client.delete(path, headers=keyed("3"))
    again = await office.client.delete(path, headers=keyed("4"))

    assert moved.json()["starts_at"] == later["starts_at"]
    assert ended.json()["status"] == "cancelled"
    assert again.json()["code"] == "already_cancelled"


async def test_restoring_forgets_what_was_done(office: Running) -> None:
    """After a restore the next rehearsal finds the data that the first one found."""
    await office.client.post("/orders/4302/cancel", headers=keyed("k"))
    await office.client.post("/rehearsal/restore")

    assert (await office.client.get("/orders/4302")).json()["status"] == "processing"
    assert (await office.client.get("/operations/k")).json()["state"] == "unknown"
    assert await office.effects() == []


async def test_the_log_holds_no_personal_data(office: Running) -> None:
    """The log says what it stands in for, and names routes, never people or numbers."""
    await office.client.get("/customers", params={"phone": "+15550001111"})
    await office.client.get("/orders/4271")
    await office.client.post("/orders/4302/cancel", headers=keyed("secret-key"))
    events = [json.loads(line) for line in office.log.read_text().splitlines()]
    told = str([{**event, "timestamp": "", "duration_ms": 0} for event in events])

    assert "stands in for the customer's API" in events[0]["note"]
    assert "'route': '/orders/{order}'" in told
    assert not any(word in told for word in ("5550001111", "4271", "4302", "secret-key", "Robin"))


async def test_data_survives_a_restart(tmp_path: Path) -> None:
    """A database that exists is used as it is, not seeded again."""
    async with started(tmp_path) as first:
        await first.client.post("/orders/4302/cancel", headers=keyed("k"))
    async with started(tmp_path) as second:
        assert (await second.client.get("/orders/4302")).json()["status"] == "cancelled"
        assert (await second.client.get("/operations/k")).json()["state"] == "done"


async def test_a_taken_port_is_told_in_a_sentence(office: Running, tmp_path: Path) -> None:
    """Whoever starts a second office on the port learns what to do."""
    port = office.url.rsplit(":", 1)[1]
    said, code = await refused("--port", port, "--database", str(tmp_path / "b"), "--key", "k")

    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port} (Address already in use)" in said
    assert "Traceback" not in said


async def test_a_missing_key_is_told_in_a_sentence(tmp_path: Path) -> None:
    """An office without a key does not start."""
    said, code = await refused("--port", str(any_port()), "--database", str(tmp_path / "b"))

    assert (code, said.strip()) == (2, "The office's settings do not fit: key: Field required.")


async def refused(*arguments: str) -> tuple[str, int | None]:
    """What an office says that does not start, and its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rehearsal.office", *arguments), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    return said.decode(), process.returncode
