"""From what is to what shall be: which steps, in which order, and what is left alone."""

import random

import pytest
from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip import plan
from sip.desired import Auth, Desired, Trunk
from sip.objects import Found, MissingSecrets, lines
from tests.unit.trunks.worlds import SECRETS, World, file

ONE, TWO, THREE = "+15550000001", "+15550000002", "+15550000003"


@pytest.fixture
def world() -> World:
    """A LiveKit that holds two trunks of ours, one number each, and the catch-all."""
    made = World()
    made.run(plan.make("frontdesk", file(a=[ONE], b=[TWO]), made.found))
    return made


def verbs(made: plan.Plan) -> list[str]:
    """The steps in short."""
    return [
        f"{step.verb} {step.kind} {step.name.removeprefix('frontdesk/')}" for step in made.steps
    ]


def test_each_trunk_is_followed_by_its_rule() -> None:
    """Between the two a number rings unanswered, so nothing else stands between them."""
    assert verbs(plan.make("frontdesk", file(a=[ONE]), Found([], []))) == [
        "create trunk a",
        "create rule a",
        "create trunk catch-all",
        "create rule catch-all",
    ]


def test_a_world_as_it_shall_be_needs_no_step(world: World) -> None:
    """The order in which LiveKit lists numbers makes no difference either."""
    for trunk in world.trunks.values():
        trunk.numbers[:] = reversed(trunk.numbers)

    assert plan.make("frontdesk", file(a=[ONE], b=[TWO]), world.found).steps == ()


def test_a_changed_field_is_one_step_in_place(world: World) -> None:
    """The trunk keeps its id, and the rule is not touched."""
    world.trunks["trunk-1"].ringing_timeout.seconds = 99

    (step,) = plan.make("frontdesk", file(a=[ONE], b=[TWO]), world.found).steps

    assert (step.verb, step.id) == ("update", "trunk-1")
    assert step.changes == (("ringing_timeout", "99s", "15s"),)


def test_a_renamed_trunk_keeps_its_id(world: World) -> None:
    """The same number under another name is the same trunk: nobody is cut off for a name."""
    made = plan.make("frontdesk", file(c=[ONE], b=[TWO]), world.found)

    assert verbs(made) == ["update trunk c", "update rule c"]


def test_a_removed_trunk_goes_before_its_rule(world: World) -> None:
    """In between its callers reach the catch-all instead of ringing for nobody."""
    made = plan.make("frontdesk", file(b=[TWO]), world.found)

    assert verbs(made) == ["delete trunk a", "delete rule a"]


def test_a_number_is_let_go_before_it_is_taken(world: World) -> None:
    """A number that moves to another trunk leaves the first before it enters the second."""
    made = plan.make("frontdesk", file(b=[TWO, ONE], a=[THREE]), world.found)

    assert verbs(made) == ["update trunk a", "update trunk b"]


def test_numbers_that_trade_places_cut_one_trunk_anew(world: World) -> None:
    """A ring has no first step; one trunk of it is deleted and made again, with its rule."""
    made = plan.make("frontdesk", file(a=[TWO], b=[ONE]), world.found)

    assert verbs(made) == [
        "delete trunk a",
        "update trunk b",
        "create trunk a",
        "update rule a",
    ]


@pytest.mark.parametrize("seed", range(60))
def test_any_file_follows_any_other(seed: int) -> None:
    """After each apply the world is as the file says, and no number was ever in two trunks."""
    chance = random.Random(seed)
    world = World()
    for _ in range(6):
        numbers = [f"+1555000000{digit}" for digit in range(chance.randint(1, 9))]
        wanted: dict[str, list[str]] = {}
        for number in numbers:
            wanted.setdefault(chance.choice("abcd"), []).append(number)

        world.run(plan.make("frontdesk", file(**wanted), world.found))

        assert plan.make("frontdesk", file(**wanted), world.found).steps == ()
        assert len(world.trunks) == len(world.rules) == len(wanted) + 1


def test_rules_pointed_elsewhere_by_hand_come_back(world: World) -> None:
    """A rule of ours without a trunk, and one on two trunks, are repaired in place."""
    world.rules["rule-2"].trunk_ids[:] = []
    world.rules["rule-4"].trunk_ids.append("trunk-5")

    made = plan.make("frontdesk", file(a=[ONE], b=[TWO]), world.found)

    assert verbs(made) == ["update rule a", "update rule b"]


def test_a_spare_rule_on_a_trunk_that_stays_goes_first(world: World) -> None:
    """The server refuses two rules on a trunk, so the spare one makes room."""
    spare = SIPDispatchRuleInfo(name="frontdesk/spare", sip_dispatch_rule_id="spare")
    world.rules["spare"] = spare
    world.rules["rule-2"].metadata = "touched"

    made = plan.make("frontdesk", file(a=[ONE], b=[TWO]), world.found)

    assert verbs(made) == ["delete rule spare", "update rule a"]


@pytest.mark.parametrize(
    "trunk",
    [
        SIPInboundTrunkInfo(name="renamed by hand", metadata='{"managed_by": "frontdesk"}'),
        SIPInboundTrunkInfo(name="frontdesk/a", metadata="metadata lost"),
    ],
)
def test_one_mark_of_two_still_makes_it_ours(trunk: SIPInboundTrunkInfo) -> None:
    """Name prefix or metadata: whichever survived an edit by hand is enough to repair it."""
    trunk.sip_trunk_id = "ST_1"
    trunk.numbers[:] = [ONE]

    made = plan.make("frontdesk", file(a=[ONE]), Found([trunk], []))

    assert (made.steps[0].verb, made.steps[0].id) == ("update", "ST_1")
    assert made.foreign == ()


def test_another_owner_is_foreign(world: World) -> None:
    """Two files with two owners share a LiveKit without removing each other's trunks."""
    made = plan.make("other", [], world.found)

    assert made.steps == ()
    assert len(made.foreign) == 6


def test_foreign_metadata_of_any_kind_is_foreign() -> None:
    """Metadata that is no JSON, or JSON of another shape, is somebody else's."""
    trunks = [SIPInboundTrunkInfo(metadata=text) for text in ("{", "[]", "3", '{"managed_by": 1}')]

    assert len(plan.make("frontdesk", [], Found(trunks, [])).foreign) == 4


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        (["15550000001"], "claims +15550000001 as does a"),
        (["1-555-000-0001"], "claims +15550000001 as does a"),
        ([], "has no numbers and so takes every call that our catch-all should"),
    ],
)
def test_a_foreign_trunk_in_the_way_is_a_conflict(numbers: list[str], says: str) -> None:
    """The sentence names the trunk by id and name and says what to do."""
    other = SIPInboundTrunkInfo(sip_trunk_id="ST_9", name="theirs", numbers=numbers)

    (conflict,) = plan.make("frontdesk", file(a=[ONE]), Found([other], [])).conflicts

    assert conflict.startswith('trunk ST_9 "theirs", which is not ours,')
    assert says in conflict


def test_a_foreign_rule_on_our_trunk_is_a_conflict(world: World) -> None:
    """Somebody else's rule would send our callers elsewhere."""
    world.rules["x"] = SIPDispatchRuleInfo(sip_dispatch_rule_id="x", trunk_ids=["trunk-1"])

    made = plan.make("frontdesk", file(a=[ONE], b=[TWO]), world.found)

    assert "takes calls of our trunk trunk-1" in made.conflicts[0]


def test_a_secret_shows_in_no_plan() -> None:
    """Neither the steps nor their representation hold a digest password."""
    auth = Auth(username="sbc", password_env="SBC_PASSWORD")
    wanted = Desired(agent="x", catch_all=False, trunks=[Trunk(name="a", numbers=[ONE], auth=auth)])

    made = plan.make("frontdesk", lines(wanted, SECRETS, "call"), Found([], []))

    assert ("auth_password", "", "set") in made.steps[0].changes
    assert "not-for-eyes" not in repr(made)


def test_a_missing_secret_is_named() -> None:
    """All variables that are unset or empty are told at once, by name."""
    auth = Auth(username="sbc", password_env="SBC_PASSWORD")
    wanted = Desired(agent="x", catch_all=False, trunks=[Trunk(name="a", numbers=[ONE], auth=auth)])

    with pytest.raises(MissingSecrets, match="SBC_PASSWORD"):
        lines(wanted, {"SBC_PASSWORD": ""}, "call")


def test_the_catch_all_takes_calls_from_all_networks_and_no_others() -> None:
    """Networks inside others are merged; numbers there are none."""
    networks = (["10.0.0.0/8"], ["10.1.0.0/16", "2001:db8::/32"], ["203.0.113.7/32"])
    trunks = [
        Trunk(name=name, numbers=[f"+1555000000{name}"], allowed_addresses=allowed)
        for name, allowed in zip("123", networks, strict=True)
    ]

    catch_all = lines(Desired(agent="x", trunks=trunks), {}, "call")[-1].trunk

    assert list(catch_all.allowed_addresses) == ["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/32"]
    assert not catch_all.numbers


def test_a_line_is_shaped_as_livekit_matches_calls() -> None:
    """Both spellings in the trunk; a rule by callee, random rooms, no numbers, one agent."""
    line, catch_all = file(a=[ONE])

    assert list(line.trunk.numbers) == [ONE, ONE.removeprefix("+")]
    assert line.rule.rule.dispatch_rule_callee.randomize
    assert line.rule.rule.dispatch_rule_callee.room_prefix == "call"
    assert not line.rule.numbers
    assert [agent.agent_name for agent in line.rule.room_config.agents] == ["frontdesk"]
    marks = [made.rule.attributes["frontdesk.in_service"] for made in (line, catch_all)]
    assert marks == ["true", "false"]
