"""`python -m sip` against a real livekit-server: what it leaves there, repairs and leaves alone."""

from pathlib import Path

import pytest
from livekit import api
from livekit.protocol.sip import (
    CreateSIPDispatchRuleRequest,
    CreateSIPInboundTrunkRequest,
    ListSIPDispatchRuleRequest,
    ListSIPInboundTrunkRequest,
    SIPDispatchRule,
    SIPDispatchRuleDirect,
    SIPDispatchRuleInfo,
    SIPInboundTrunkInfo,
)

from rehearsal.stack.ports import any_port
from tests.integration.livekit import Server, serving
from tests.integration.trunks.conftest import sip

FILE = """
agent: frontdesk
trunks:
  - name: loopback
    numbers: ["+15557654321"]
    allowed_addresses: [127.0.0.0/8]
"""

RICH = """
agent: frontdesk
trunks:
  - name: carrier
    numbers: ["+15557654321", "+15557654322"]
    allowed_addresses: [203.0.113.0/24, "2001:db8::/32"]
    media_timeout_s: 300
    ringing_timeout_s: 10
    max_call_duration_s: 3600
    encryption: require
    include_headers: x
    headers_to_attributes: {X-Twilio-VerStat: verstat}
  - name: sbc
    numbers: ["+15557654323"]
    agent: other
    auth: {username: sbc, password_env: SBC_PASSWORD, realm: example.com}
"""


async def trunks(livekit: api.LiveKitAPI) -> dict[str, SIPInboundTrunkInfo]:
    """What the server holds, by name."""
    found = await livekit.sip.list_inbound_trunk(ListSIPInboundTrunkRequest())
    return {trunk.name: trunk for trunk in found.items}


def write(file: Path, text: str) -> None:
    """Edit the trunk file, as a person would between two commands."""
    file.write_text(text)


async def rules(livekit: api.LiveKitAPI) -> dict[str, SIPDispatchRuleInfo]:
    """What the server holds, by name."""
    found = await livekit.sip.list_dispatch_rule(ListSIPDispatchRuleRequest())
    return {rule.name: rule for rule in found.items}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The smallest useful trunk file."""
    path = tmp_path / "trunks.yaml"
    path.write_text(FILE)
    return path


async def test_apply_makes_a_trunk_and_its_rule(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """Both spellings of the number, the timeouts, and one callee rule that names the agent."""
    done = await sip("apply", file, server.environment)

    assert done.returncode == 0, done.stderr
    trunk = (await trunks(livekit))["frontdesk/loopback"]
    assert list(trunk.numbers) == ["+15557654321", "15557654321"]
    assert (trunk.ringing_timeout.seconds, trunk.media.media_timeout.seconds) == (15, 180)
    rule = (await rules(livekit))["frontdesk/loopback"]
    assert list(rule.trunk_ids) == [trunk.sip_trunk_id]
    assert rule.rule.dispatch_rule_callee.randomize
    assert [agent.agent_name for agent in rule.room_config.agents] == ["frontdesk"]


async def test_the_catch_all_stands_beside_the_others(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """The server accepts one trunk without numbers, and its rule says nobody is at home."""
    await sip("apply", file, server.environment)

    catch_all = (await trunks(livekit))["frontdesk/catch-all"]
    assert not catch_all.numbers
    assert list(catch_all.allowed_addresses) == ["127.0.0.0/8"]
    rule = (await rules(livekit))["frontdesk/catch-all"]
    assert rule.attributes["frontdesk.in_service"] == "false"


async def test_a_second_apply_changes_nothing(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """Every field we can write comes back as written, so the next plan is empty."""
    write(file, RICH)
    environment = {**server.environment, "SBC_PASSWORD": "not-for-eyes"}

    before = await sip("plan", file, environment)
    first = await sip("apply", file, environment)
    after = await sip("plan", file, environment)
    second = await sip("apply", file, environment)

    assert (before.returncode, first.returncode) == (2, 0), before.stderr + first.stderr
    assert (after.returncode, second.returncode) == (0, 0), after.stdout
    assert "nothing to do" in second.stdout
    assert "not-for-eyes" not in before.stdout + first.stdout + second.stdout


async def test_drift_by_hand_is_shown_and_repaired(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """A field changed by hand, even one our file cannot name, is put back in place."""
    await sip("apply", file, server.environment)
    trunk = (await trunks(livekit))["frontdesk/loopback"]
    trunk.allowed_numbers.append("+15550001111")
    trunk.media.media_timeout.seconds = 10
    await livekit.sip.update_inbound_trunk(trunk.sip_trunk_id, trunk)

    status = await sip("status", file, server.environment)
    repaired = await sip("apply", file, server.environment)

    assert "allowed_numbers: +15550001111 -> (unset)" in status.stdout
    assert "media.media_timeout: 10s -> 180s" in status.stdout
    assert repaired.returncode == 0, repaired.stderr
    healed = (await trunks(livekit))["frontdesk/loopback"]
    assert (healed.sip_trunk_id, list(healed.allowed_numbers)) == (trunk.sip_trunk_id, [])


async def test_a_new_password_is_seen_but_not_shown(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """The plan says that the secret changed and prints neither the old one nor the new one."""
    write(file, RICH)
    await sip("apply", file, {**server.environment, "SBC_PASSWORD": "old-secret"})

    plan = await sip("plan", file, {**server.environment, "SBC_PASSWORD": "new-secret"})

    assert plan.returncode == 2
    assert "auth_password: set -> changed" in plan.stdout
    assert "secret" not in plan.stdout


async def test_foreign_objects_are_left_alone(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """A trunk and a rule somebody else made stay as they are and are listed as foreign."""
    other = SIPInboundTrunkInfo(name="theirs", numbers=["+15550009999"], auth_username="u")
    other.auth_password = "p"
    made = await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=other))
    direct = SIPDispatchRule(dispatch_rule_direct=SIPDispatchRuleDirect(room_name="lobby"))
    rule = SIPDispatchRuleInfo(name="theirs", rule=direct)
    await livekit.sip.create_dispatch_rule(CreateSIPDispatchRuleRequest(dispatch_rule=rule))

    done = await sip("apply", file, server.environment)
    status = await sip("status", file, server.environment)

    assert done.returncode == 0, done.stderr
    assert (await trunks(livekit))["theirs"] == made
    assert f'foreign   trunk {made.sip_trunk_id} "theirs"' in status.stdout
    assert "answers calls from anywhere" in status.stdout


async def test_a_foreign_trunk_with_our_number_stops_the_apply(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """The conflict names the other trunk, and nothing at all is changed."""
    other = SIPInboundTrunkInfo(name="theirs", numbers=["15557654321"], auth_username="u")
    other.auth_password = "p"
    made = await livekit.sip.create_inbound_trunk(CreateSIPInboundTrunkRequest(trunk=other))

    done = await sip("apply", file, server.environment)

    assert done.returncode == 1
    assert f'trunk {made.sip_trunk_id} "theirs", which is not ours, claims' in done.stderr
    assert list(await trunks(livekit)) == ["theirs"]


async def test_numbers_that_trade_places_end_up_right(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """Two trunks swap their only numbers and a third is renamed: the server accepts every step."""
    entry = "  - {{name: {}, numbers: ['{}'], allowed_addresses: [127.0.0.0/8]}}\n"
    head = "agent: frontdesk\ntrunks:\n"
    before = [("a", "+15550000001"), ("b", "+15550000002"), ("old", "+15550000003")]
    after = [("a", "+15550000002"), ("b", "+15550000001"), ("new", "+15550000003")]
    write(file, head + "".join(entry.format(*e) for e in before))
    await sip("apply", file, server.environment)
    renamed = (await trunks(livekit))["frontdesk/old"].sip_trunk_id
    write(file, head + "".join(entry.format(*e) for e in after))

    done = await sip("apply", file, server.environment)

    assert done.returncode == 0, done.stderr
    found = await trunks(livekit)
    assert [found[f"frontdesk/{name}"].numbers[0] for name, _ in after] == [n for _, n in after]
    assert found["frontdesk/new"].sip_trunk_id == renamed
    assert len(await rules(livekit)) == 4


async def test_what_left_the_file_leaves_livekit(
    livekit: api.LiveKitAPI, server: Server, file: Path
) -> None:
    """An emptied file removes our trunks and rules, and only an explicit one can be emptied."""
    await sip("apply", file, server.environment)
    write(file, "agent: frontdesk\ntrunks: []\ncatch_all: false\n")

    done = await sip("apply", file, server.environment)

    assert done.returncode == 0, done.stderr
    assert await trunks(livekit) == {}
    assert await rules(livekit) == {}


async def test_a_wrong_secret_is_one_sentence(server: Server, file: Path) -> None:
    """LiveKit's refusal becomes the names of the two settings to mend."""
    done = await sip("apply", file, {**server.environment, "LIVEKIT_API_SECRET": "x" * 40})

    assert done.returncode == 1
    assert "does not accept the key: LIVEKIT_API_KEY and LIVEKIT_API_SECRET" in done.stderr
    assert "Traceback" not in done.stderr


async def test_an_unreachable_livekit_is_one_sentence(server: Server, file: Path) -> None:
    """Nothing listens: the sentence holds the address and the setting."""
    nowhere = f"ws://127.0.0.1:{any_port()}"

    done = await sip("plan", file, {**server.environment, "LIVEKIT_URL": nowhere})

    assert done.returncode == 1
    assert f"LiveKit is not reachable at {nowhere}" in done.stderr
    assert "Traceback" not in done.stderr


async def test_a_livekit_without_redis_is_one_sentence(tmp_path: Path, file: Path) -> None:
    """Trunks live in Redis only; without it the sentence says so."""
    with serving(tmp_path, redis=False) as server:
        done = await sip("apply", file, server.environment)

    assert done.returncode == 1
    assert "has no Redis, where trunks are kept" in done.stderr


async def test_a_redis_that_died_is_one_sentence(tmp_path: Path, file: Path) -> None:
    """LiveKit's own words about the lost connection end up in ours."""
    with serving(tmp_path) as server:
        assert server.redis is not None
        server.redis.kill()
        server.redis.wait(5)
        done = await sip("apply", file, server.environment)

    assert done.returncode == 1
    assert "has no Redis, where trunks are kept" in done.stderr
