"""What two phones agree on to recognise each other's messages: a dialog (RFC 3261 section 12).

Pure bookkeeping of tags, targets, routes and sequence numbers. The machine of a call asks it for
requests; it decides nothing.
"""

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from sipmessage import URI, Request, Response
from sipmessage import Address as NameAddress

from rehearsal.phone.messages import Address, Header, cseq_header, request


@dataclass(frozen=True)
class Identity:
    """Who and where this phone is: `user` is its number, `host` and `port` its SIP socket."""

    user: str
    host: str
    port: int

    @property
    def contact(self) -> str:
        """Where requests of a dialog reach us, as a Contact value."""
        return f"<{self.uri}>"

    @property
    def uri(self) -> URI:
        """Our own address."""
        return URI("sip", self.host, self.user, port=self.port)

    @property
    def via(self) -> str:
        """A Via for a new transaction."""
        return f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"


@dataclass
class Dialog:
    """One dialog, seen from our side. `peer` is where its first message went or came from."""

    me: Identity
    peer: Address
    call_id: str
    local: str
    """Our From or To, with tag."""
    remote: str
    """Theirs; without tag until they have given one."""
    target: URI
    local_tag: str
    remote_tag: str | None = None
    routes: tuple[NameAddress, ...] = ()
    sequence: int = field(default_factory=lambda: secrets.randbelow(10_000) + 1)
    heard_sequence: int = -1
    """The highest CSeq they have used; -1 before any."""

    @classmethod
    def calling(cls, me: Identity, callee: URI, proxy: Address) -> "Dialog":
        """Begin as the caller."""
        tag = secrets.token_hex(6)
        call_id = f"{secrets.token_hex(12)}@{me.host}"
        return cls(me, proxy, call_id, f"{me.contact};tag={tag}", f"<{callee}>", callee, tag)

    @classmethod
    def called(cls, me: Identity, invite: Request, source: Address) -> "Dialog":
        """Begin as the callee of an INVITE that `messages.read` let through."""
        tag = secrets.token_hex(6)
        return cls(
            me,
            source,
            invite.call_id,
            f"{invite.headers['To']};tag={tag}",
            invite.headers["From"],
            invite.contact[0].uri if invite.contact else invite.from_address.uri,
            tag,
            invite.from_address.parameters.get("tag"),
            tuple(invite.record_route),
            heard_sequence=invite.cseq.sequence,
        )

    def learn(self, response: Response) -> None:
        """Take tag, target and routes from a response to our INVITE (sections 12.1.2, 12.2.1.2)."""
        self.remote = response.headers["To"]
        self.remote_tag = response.to_address.parameters.get("tag")
        self.routes = tuple(reversed(response.record_route))
        self.refresh(response)

    def refresh(self, message: Request | Response) -> None:
        """Take the target that the message's Contact names, if it does."""
        if message.contact:
            self.target = message.contact[0].uri

    def holds(self, asked: Request) -> bool:
        """Whether a request belongs to this dialog."""
        return (
            asked.call_id == self.call_id
            and asked.to_address.parameters.get("tag") == self.local_tag
            and asked.from_address.parameters.get("tag") == self.remote_tag
        )

    def request(
        self,
        method: str,
        *,
        sequence: int | None = None,
        headers: Iterable[Header] = (),
        body: bytes = b"",
    ) -> Request:
        """Write the next request; with `sequence` one that belongs to an earlier (ACK)."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        strict = bool(self.routes) and "lr" not in self.routes[0].uri.parameters
        uri = self.routes[0].uri if strict else self.target
        routes = [str(route) for route in (self.routes[1:] if strict else self.routes)]
        if strict:
            routes.append(f"<{self.target}>")
        named = [
            ("Via", self.me.via),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in routes),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            cseq_header(sequence, method),
        ]
        if method != "BYE":
            named.append(("Contact", self.me.contact))
        return request(method, uri, [*named, *headers], body)

    def next_hop(self) -> Address:
        """Where requests go: first route, else target; `peer` when that is a name or no dialog yet.

        Names are not looked up: a look-up would stop the audio of every call.
        """
        uri = self.routes[0].uri if self.routes else self.target
        try:
            ipaddress.ip_address(uri.host)
        except ValueError:
            return self.peer
        if self.remote_tag is None:
            return self.peer
        return (uri.host, uri.port or 5060)


def cancel_of(invite: Request) -> Request:
    """Write the CANCEL of an INVITE we sent (section 9.1)."""
    return _beside(invite, "CANCEL", invite.headers["To"])


def refusal_ack(invite: Request, response: Response) -> Request:
    """Write the ACK of a final response other than 2xx (section 17.1.1.3)."""
    return _beside(invite, "ACK", response.headers["To"])


def _beside(invite: Request, method: str, to: str) -> Request:
    routes = [("Route", route) for route in invite.headers.getlist("Route")]
    named = [
        ("Via", invite.headers["Via"]),
        ("Max-Forwards", "70"),
        *routes,
        ("From", invite.headers["From"]),
        ("To", to),
        ("Call-ID", invite.call_id),
        cseq_header(invite.cseq.sequence, method),
    ]
    return request(method, invite.uri, named)
