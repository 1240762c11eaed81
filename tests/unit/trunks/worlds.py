"""Files and servers made of data, for plans without a LiveKit."""

from livekit.protocol.sip import SIPDispatchRuleInfo, SIPInboundTrunkInfo

from sip.desired import Desired, Trunk
from sip.objects import Found, Line, lines
from sip.plan import Plan

SECRETS = {"SBC_PASSWORD": "not-for-eyes"}


def file(**numbers: list[str]) -> list[Line]:
    """The lines of a file with these trunks and a catch-all."""
    trunks = [
        Trunk(name=name, numbers=listed, allowed_addresses=["203.0.113.0/24"])
        for name, listed in numbers.items()
    ]
    return lines(Desired(agent="frontdesk", trunks=trunks), SECRETS, "call")


class World:
    """What a livekit-server would hold; refuses what a real one refuses, and what breaks calls."""

    def __init__(self) -> None:
        self.trunks: dict[str, SIPInboundTrunkInfo] = {}
        self.rules: dict[str, SIPDispatchRuleInfo] = {}
        self._made = 0

    @property
    def found(self) -> Found:
        """Copies, so that nothing but `run` changes the world."""
        return Found(list(map(_copy_trunk, self.trunks.values())), list(self.rules.values()))

    def run(self, plan: Plan) -> None:
        """Carry out a plan as `sip.livekit` does; no number may ever be in two trunks."""
        ids = dict(plan.trunk_ids)
        for step in plan.steps:
            place = step.id or self._new(step.kind)
            if step.line is None:
                (self.trunks if step.kind == "trunk" else self.rules).pop(step.id)
            elif step.kind == "trunk":
                self.trunks[place] = _copy_trunk(step.line.trunk, place)
                ids[step.line.name] = place
                self._check_numbers()
            else:
                rule = SIPDispatchRuleInfo(sip_dispatch_rule_id=place)
                rule.MergeFrom(step.line.rule)
                rule.trunk_ids.append(ids[step.line.name])
                self.rules[place] = rule
                self._check_rules()

    def _new(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made}"

    def _check_numbers(self) -> None:
        claimed = [n for t in self.trunks.values() for n in (t.numbers or ["any"])]
        assert len(claimed) == len(set(claimed)), f"a number in two trunks: {sorted(claimed)}"

    def _check_rules(self) -> None:
        used = [trunk for rule in self.rules.values() for trunk in rule.trunk_ids]
        assert len(used) == len(set(used)), f"two rules on one trunk: {used}"


def _copy_trunk(trunk: SIPInboundTrunkInfo, place: str = "") -> SIPInboundTrunkInfo:
    copy = SIPInboundTrunkInfo()
    copy.CopyFrom(trunk)
    copy.sip_trunk_id = place or trunk.sip_trunk_id
    return copy
