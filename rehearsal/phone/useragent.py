"""Everything one SIP socket hears and says, without the socket: calls, strays and rubbish.

Pure: `SipSocket` in `transport` feeds it datagrams and time and sends what lies in `outbox`. It
finds the call a message belongs to, answers what belongs to none, and counts what it cannot read.
"""

from collections import deque
from collections.abc import Callable, Iterable

from sipmessage import URI, Request, Response

from rehearsal.phone import digest, messages
from rehearsal.phone.dialog import Dialog, Identity
from rehearsal.phone.machine import CallMachine
from rehearsal.phone.messages import Address, Header, Malformed, Outgoing, reply
from rehearsal.phone.negotiation import Negotiation
from rehearsal.phone.signals import State
from rehearsal.phone.transactions import ServerTransaction

_Key = tuple[str, str]


class UserAgent:
    """The calls of one phone.

    Args:
        me: number and socket address of the phone.
        new_media: makes the negotiation of an incoming call.
        on_invited: told of each incoming call, before anything was replied.
        door: credentials that callers must prove by digest; None lets everybody ring.
    """

    def __init__(
        self,
        me: Identity,
        *,
        new_media: Callable[[], Negotiation],
        on_invited: Callable[[CallMachine, Request], None],
        door: digest.Credentials | None = None,
    ) -> None:
        self.me = me
        self.outbox: deque[Outgoing] = deque()
        self.malformed = 0
        """Datagrams that were no SIP message."""
        self.ignored = 0
        """Messages that belonged to nothing and want no reply."""
        self.calls: list[CallMachine] = []
        self._new_media = new_media
        self._on_invited = on_invited
        self._door = door
        self._challenge = digest.challenge("frontdesk-phone")
        self._asked: dict[_Key, ServerTransaction] = {}
        self._owners: dict[int, CallMachine] = {}

    def dial(
        self,
        callee: URI,
        proxy: Address,
        media: Negotiation,
        credentials: digest.Credentials | None = None,
    ) -> CallMachine:
        """Prepare a call; its INVITE goes out when its `dial` is called."""
        dialog = Dialog.calling(self.me, callee, proxy)
        call = CallMachine(dialog, media, self.outbox.append, credentials)
        self.calls.append(call)
        return call

    @property
    def due(self) -> float:
        """When `tick` wants to be called next; infinity when nothing is pending."""
        times = [call.due for call in self.calls] + [t.due for t in self._asked.values()]
        return min(times, default=float("inf"))

    def tick(self, now: float) -> None:
        """Repeat what is due and forget what is over."""
        for call in self.calls:
            call.tick(now)
        for key, transaction in list(self._asked.items()):
            if again := transaction.tick(now):
                self.outbox.append(again)
            if transaction.spent(now):
                del self._asked[key]
                owner = self._owners.pop(id(transaction), None)
                if owner and transaction.code < 300 and not transaction.acknowledged:
                    owner.unacknowledged(now)
        self.calls = [call for call in self.calls if not call.settled or call.due < float("inf")]

    def receive(self, datagram: bytes, source: Address, now: float) -> None:
        """Take one datagram; whatever it holds, this does not raise."""
        if not datagram.strip(b"\r\n\0"):
            return  # keep-alives (RFC 5626) and empty datagrams are no mistake
        try:
            message = messages.read(datagram)
        except Malformed as problem:
            self.malformed += 1
            refusal = messages.bad_request(datagram) if problem.kind == "request" else None
            if refusal is not None:
                self.outbox.append(Outgoing(refusal, source))
            return
        if isinstance(message, Response):
            if not any(call.hear_response(message, now) for call in self.calls):
                self.ignored += 1
        else:
            self._on_request(message, source, now)

    def _on_request(self, asked: Request, source: Address, now: float) -> None:
        key = _key(asked)
        known = self._asked.get(key)
        if asked.method == "ACK":
            self._on_ack(asked, known, now)
        elif asked.method == "CANCEL":
            self._on_cancel(asked, known, source, now)
        elif known is not None:
            if again := known.repeated():
                self.outbox.append(again)
        else:
            transaction = ServerTransaction(asked, messages.note_source(asked, source), now)
            self._asked[key] = transaction
            self._on_new(transaction, source, now)

    def _on_new(self, transaction: ServerTransaction, source: Address, now: float) -> None:
        asked = transaction.asked
        if required := asked.headers.get("Require"):
            self._reply(transaction, 420, now, [("Unsupported", required)])
        elif "tag" in asked.to_address.parameters:
            owner = self._call_of(asked)
            if owner is None:
                self._reply(transaction, 481, now)
            else:
                if asked.method == "INVITE":
                    self._owners[id(transaction)] = owner
                owner.hear_request(transaction, now)
        elif asked.method == "INVITE":
            self._on_invite(transaction, source, now)
        elif asked.method == "OPTIONS":
            headers = [("Allow", messages.ALLOWED), ("Accept", "application/sdp")]
            self._reply(transaction, 200, now, headers)
        elif asked.method == "BYE":
            self._reply(transaction, 481, now)
        else:
            self._reply(transaction, 405, now, [("Allow", messages.ALLOWED)])

    def _on_invite(self, transaction: ServerTransaction, source: Address, now: float) -> None:
        asked = transaction.asked
        if any(
            c.dialog.call_id == asked.call_id and c.state is not State.ENDED for c in self.calls
        ):
            # Our own INVITE come back, or the same one by another way (section 8.2.2.2).
            self._reply(transaction, 482, now)
            return
        if not self._may_ring(asked):
            self._reply(transaction, 401, now, [("WWW-Authenticate", self._challenge)])
            return
        dialog = Dialog.called(self.me, asked, source)
        call = CallMachine(dialog, self._new_media(), self.outbox.append)
        call.invited(transaction)
        self.calls.append(call)
        self._owners[id(transaction)] = call
        self._on_invited(call, asked)

    def _may_ring(self, asked: Request) -> bool:
        if self._door is None:
            return True
        proof = asked.headers.get("Authorization")
        if proof is None:
            return False
        return digest.proves(proof, self._challenge, self._door, method="INVITE")

    def _on_ack(self, asked: Request, known: ServerTransaction | None, now: float) -> None:
        if known is not None:
            known.acknowledge()
            return
        owner = self._call_of(asked)
        if owner is None:
            self.ignored += 1
        else:
            owner.hear_ack(asked, now)

    def _on_cancel(
        self, asked: Request, known: ServerTransaction | None, source: Address, now: float
    ) -> None:
        to = messages.note_source(asked, source)
        code = 200 if known is not None else 481
        self.outbox.append(Outgoing(bytes(reply(asked, code)), to))
        owner = self._owners.get(id(known))
        if known is not None and owner is not None and not known.answered:
            owner.hear_cancel(now)

    def _call_of(self, asked: Request) -> CallMachine | None:
        return next((call for call in self.calls if call.dialog.holds(asked)), None)

    def _reply(
        self,
        transaction: ServerTransaction,
        code: int,
        now: float,
        headers: Iterable[Header] = (),
    ) -> None:
        # A tag of the request's branch: repeats would get the same one even without memory.
        tag = transaction.asked.via[0].parameters.get("branch") or "none"
        made = reply(transaction.asked, code, tag=tag[-12:], headers=headers)
        self.outbox.append(transaction.reply(made, now))


def _key(asked: Request) -> _Key:
    """What marks a transaction (section 17.2.3); ACK and CANCEL share their INVITE's."""
    via = asked.via[0]
    method = "INVITE" if asked.method in ("ACK", "CANCEL") else asked.method
    branch = via.parameters.get("branch") or f"{asked.call_id}/{asked.cseq.sequence}"
    return (f"{via.host}:{via.port}/{branch}", method)
