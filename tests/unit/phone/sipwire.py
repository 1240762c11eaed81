"""Two user agents joined by a wire that tests can cut, delay and read; no sockets, no waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sipmessage import URI, Request

from rehearsal.phone.dialog import Identity
from rehearsal.phone.digest import Credentials
from rehearsal.phone.g711 import PCMU
from rehearsal.phone.machine import CallMachine
from rehearsal.phone.messages import Address, Outgoing
from rehearsal.phone.negotiation import Negotiation
from rehearsal.phone.signals import CallEvent
from rehearsal.phone.useragent import UserAgent

CALLEE = "+15557654321"


def first_line(sent: Outgoing) -> str:
    """`INVITE`, or `180 INVITE` for a response to one."""
    words = sent.data.split(b"\r\n")[0].decode().split()
    if words[0] != "SIP/2.0":
        return words[0]
    cseq = next(line for line in sent.data.decode().split("\r\n") if line.startswith("CSeq"))
    return f"{words[1]} {cseq.split()[-1]}"


@dataclass
class End:
    """One phone on the wire: its agent, its calls and what each call told."""

    address: Address
    agent: UserAgent
    calls: list[CallMachine] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)

    def take(self, call: CallMachine) -> CallMachine:
        """Note a call and listen to it."""
        call.on_event = self.events.append
        self.calls.append(call)
        return call


class Wire:
    """Carries datagrams between `caller` and `callee`; `now` moves only by `advance`."""

    def __init__(self, door: Credentials | None = None) -> None:
        self.now = 0.0
        self.log: list[str] = []
        """First line of each datagram carried, in order."""
        self.drops: Callable[[str], bool] = lambda _: False
        self.caller = self._end("+15550001111", ("127.0.0.1", 5061), None)
        self.callee = self._end(CALLEE, ("127.0.0.1", 5062), door)

    def _end(self, user: str, address: Address, door: Credentials | None) -> End:
        def invited(call: CallMachine, _: Request) -> None:
            self.callee.take(call)

        def media() -> Negotiation:
            return Negotiation("127.0.0.1", address[1] + 1000, (PCMU,))

        agent = UserAgent(Identity(user, *address), new_media=media, on_invited=invited, door=door)
        return End(address, agent)

    def dial(self, credentials: Credentials | None = None) -> CallMachine:
        """Send an INVITE from the caller and carry what follows at once."""
        uri = URI("sip", "127.0.0.1", CALLEE, port=5062)
        media = Negotiation("127.0.0.1", 6061, (PCMU,))
        agent = self.caller.agent
        call = self.caller.take(agent.dial(uri, self.callee.address, media, credentials))
        call.dial(self.now)
        self.carry()
        return call

    def up(self) -> tuple[CallMachine, CallMachine]:
        """A call that is up: the caller's end and the callee's."""
        call = self.dial()
        self.callee.calls[0].accept(self.now)
        self.carry()
        return call, self.callee.calls[0]

    def carry(self) -> None:
        """Deliver until nobody says anything more."""
        ends = (self.caller, self.callee)
        while any(end.agent.outbox for end in ends):
            for end, other in (ends, ends[::-1]):
                while end.agent.outbox:
                    sent = end.agent.outbox.popleft()
                    self.log.append(first_line(sent))
                    if not self.drops(self.log[-1]) and sent.to == other.address:
                        other.agent.receive(sent.data, end.address, self.now)

    def advance(self, seconds: float) -> None:
        """Let time pass, serving every timer at its moment."""
        until = self.now + seconds
        while (due := min(self.caller.agent.due, self.callee.agent.due)) <= until:
            self.now = max(self.now, due)
            self.caller.agent.tick(self.now)
            self.callee.agent.tick(self.now)
            self.carry()
        self.now = until
