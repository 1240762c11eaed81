"""One call's signalling as a state machine without I/O: messages and time in, messages out.

Fed by the user agent, which owns the socket's side; commanded by the phone. It never sleeps, never
looks at a clock and never raises on what the other side sends.
"""

from collections.abc import Callable, Iterable

from sipmessage import Request, Response

from rehearsal.phone import digest
from rehearsal.phone.dialog import Dialog, cancel_of, refusal_ack
from rehearsal.phone.messages import ALLOWED, Header, Outgoing, reply
from rehearsal.phone.negotiation import Negotiation
from rehearsal.phone.sdp import NotAcceptable
from rehearsal.phone.signals import (
    CallEvent,
    EndedBy,
    Established,
    Over,
    Provisional,
    Renegotiated,
    State,
)
from rehearsal.phone.transactions import GIVE_UP_S, ClientTransaction, ServerTransaction

_PROOFS = ("Authorization", "Proxy-Authorization")
_WRITTEN_ANEW = {
    *("via", "max-forwards", "route", "from", "to", "call-id", "cseq", "contact", "user-agent"),
    *("content-type", "content-length", "authorization", "proxy-authorization"),
}


class CallMachine:
    """One call. `events` gets what happens, `outbox` what to send, both in order and at once."""

    def __init__(
        self,
        dialog: Dialog,
        media: Negotiation,
        outbox: Callable[[Outgoing], None],
        credentials: digest.Credentials | None = None,
    ) -> None:
        self.dialog = dialog
        self.media = media
        self.credentials = credentials
        self.on_event: Callable[[CallEvent], None] = lambda _: None
        self.on_settled: Callable[[], None] = lambda: None
        self.state = State.CALLING
        self.invitation: ServerTransaction | None = None
        """The INVITE of theirs being answered, the first or a later one."""
        self._out = outbox
        self._asking: list[ClientTransaction] = []
        self._invite: ClientTransaction | None = None
        self._leaving = False
        self._offered = False
        self._challenges = 0
        self._cancelled_at: float | None = None

    # What the phone commands.

    def dial(self, now: float, headers: Iterable[Header] = ()) -> None:
        """Send the INVITE."""
        self._ask_invite(now, headers)

    def ring(self, now: float) -> None:
        """Tell the caller that it rings."""
        self._reply_invite(180, now)

    def accept(self, now: float, headers: Iterable[Header] = ()) -> None:
        """Answer the call, or 488 if its offer cannot be met."""
        if self.state is not State.INVITED or self.invitation is None or self._leaving:
            return
        if self._answer_offer(self.invitation, now, headers):
            self.state = State.UP
            self.on_event(Established())
        else:
            self._end(Over("phone", 488, "no media in common"))

    def refuse(self, code: int, now: float) -> None:
        """Decline a call that is not answered yet with a status of 300 or more."""
        if self.state is State.INVITED:
            self._reply_invite(code, now)
            self._end(Over("phone", code, "refused"))

    def hang_up(self, now: float, headers: Iterable[Header] = ()) -> None:
        """End the call the way its state wants: CANCEL, decline or BYE. Again is no harm."""
        if self.state is State.INVITED:
            self.refuse(603, now)
        elif self.state is State.CALLING and not self._leaving:
            self._leaving = True
            self._cancel_if_heard(now)
        elif self.state is State.UP:
            self._ask("BYE", now, headers)
            self._end(Over("phone", 200, "hung up"))

    def reinvite(self, now: float) -> bool:
        """Offer what `media.wanted` says now; False when the call cannot take it at this time."""
        if self.state is not State.UP or self._invite is not None:
            return False
        if self.invitation is not None and not self.invitation.acknowledged:
            return False
        self._ask_invite(now)
        return True

    # What the user agent feeds.

    @property
    def settled(self) -> bool:
        """Whether the call is over and nothing of it is still being repeated."""
        return self.state is State.ENDED and not any(not t.answered for t in self._asking)

    @property
    def due(self) -> float:
        """When `tick` wants to be called next."""
        times = [t.due for t in self._asking if not t.answered or t.method == "INVITE"]
        if self._cancelled_at is not None and self.state is State.CALLING:
            times.append(self._cancelled_at + GIVE_UP_S)
        return min(times, default=float("inf"))

    def tick(self, now: float) -> None:
        """Repeat what is unanswered and give up what has been so for too long."""
        for asking in list(self._asking):
            if again := asking.tick(now):
                self._out(again)
            if asking.gave_up(now):
                self._asking.remove(asking)
                self._failed(asking, 408, "no answer from the network")
            elif asking.spent(now):
                self._asking.remove(asking)
        cancelled = self._cancelled_at
        if cancelled is not None and self.state is State.CALLING and now >= cancelled + GIVE_UP_S:
            # Section 9.1: no 487 within 64 T1 counts as cancelled.
            self._end(Over("phone", 487, "cancelled, and never confirmed"))
        self._tell_if_settled()

    def unacknowledged(self, now: float) -> None:
        """Our 2xx was never acknowledged (section 13.3.1.4): end the call."""
        if self.state is State.UP:
            self._ask("BYE", now)
            self._end(Over("network", 408, "the answer was never acknowledged"))

    def hear_response(self, response: Response, now: float) -> bool:
        """Take a response if it answers a request of this call."""
        branch = response.via[0].parameters.get("branch")
        for asking in self._asking:
            if asking.branch == branch and asking.method == response.cseq.method:
                if asking.hear(response):
                    self._on_response(asking, response, now)
                    self._tell_if_settled()
                elif asking.ack is not None and response.code >= 200:
                    self._out(asking.ack)
                return True
        return False

    def hear_request(self, transaction: ServerTransaction, now: float) -> None:
        """Take a request of this dialog that is not a repeat."""
        asked = transaction.asked
        if asked.cseq.sequence <= self.dialog.heard_sequence:
            self._out(transaction.reply(reply(asked, 500), now))
            return
        self.dialog.heard_sequence = asked.cseq.sequence
        if asked.method == "BYE" and self.state is not State.ENDED:
            self._out(transaction.reply(reply(asked, 200), now))
            reason = asked.headers.get("Reason") or "hung up"
            self._end(Over("other", 200, reason, _headers(asked)))
        elif self.state is State.ENDED:
            self._out(transaction.reply(reply(asked, 481), now))
        elif asked.method == "INVITE":
            self._on_reinvite(transaction, now)
        elif asked.method == "OPTIONS":
            self._out(transaction.reply(reply(asked, 200, headers=[("Allow", ALLOWED)]), now))
        else:
            self._out(transaction.reply(reply(asked, 405, headers=[("Allow", ALLOWED)]), now))

    def hear_ack(self, asked: Request, now: float) -> None:
        """Take the ACK of our 2xx; it carries the answer if we made the offer."""
        invitation = self.invitation
        if invitation is None or invitation.asked.cseq.sequence != asked.cseq.sequence:
            return
        first = not invitation.acknowledged
        invitation.acknowledge()
        if first and self._offered:
            self._offered = False
            try:
                self.media.conclude(asked.body)
            except NotAcceptable:
                self.hang_up(now)

    def hear_cancel(self, now: float) -> None:
        """The caller gave up before we answered."""
        if self.state is State.INVITED:
            self._reply_invite(487, now)
            self._end(Over("other", 487, "cancelled"))

    # How it comes about.

    def invited(self, transaction: ServerTransaction) -> None:
        """Begin as the callee of this INVITE."""
        self.state = State.INVITED
        self.invitation = transaction

    def _reply_invite(self, code: int, now: float) -> None:
        if self.invitation is None or self.invitation.answered:
            return
        headers = [("Contact", self.dialog.me.contact)] if code < 300 else []
        self._out(
            self.invitation.reply(
                reply(self.invitation.asked, code, tag=self.dialog.local_tag, headers=headers), now
            )
        )

    def _answer_offer(
        self, invitation: ServerTransaction, now: float, headers: Iterable[Header] = ()
    ) -> bool:
        """Reply 200 with an answer (or, without an offer, with ours), or 488; whether it fitted."""
        asked, tag = invitation.asked, self.dialog.local_tag
        try:
            body = self.media.answer(asked.body) if asked.body else self.media.offer()
        except NotAcceptable:
            self._out(invitation.reply(reply(asked, 488, tag=tag), now))
            return False
        self._offered = not asked.body
        named = [("Contact", self.dialog.me.contact), ("Allow", ALLOWED), *headers]
        made = reply(asked, 200, tag=tag, headers=named, body=body)
        self._out(invitation.reply(made, now))
        return True

    def _on_reinvite(self, transaction: ServerTransaction, now: float) -> None:
        if self._invite is not None:
            self._out(transaction.reply(reply(transaction.asked, 491), now))
            return
        if self.invitation is not None and not self.invitation.acknowledged:
            retry = [("Retry-After", "1")]
            self._out(transaction.reply(reply(transaction.asked, 500, headers=retry), now))
            return
        self.dialog.refresh(transaction.asked)
        fits = self._answer_offer(transaction, now)
        if fits:
            self.invitation = transaction
        self.on_event(Renegotiated(200 if fits else 488, ours=False))

    def _ask(self, method: str, now: float, headers: Iterable[Header] = ()) -> None:
        self._start(self.dialog.request(method, headers=headers), now)

    def _ask_invite(self, now: float, headers: Iterable[Header] = ()) -> None:
        named = [("Allow", ALLOWED), *headers]
        made = self.dialog.request("INVITE", headers=named, body=self.media.offer())
        self._invite = self._start(made, now)

    def _start(self, made: Request, now: float) -> ClientTransaction:
        asking = ClientTransaction(made, self.dialog.next_hop(), now)
        self._asking.append(asking)
        self._out(asking.first)
        return asking

    def _cancel_if_heard(self, now: float) -> None:
        # Section 9.1: not before a provisional response, or CANCEL may overtake its INVITE.
        invite = self._invite
        if invite is None or not 100 <= invite.code < 200 or self._cancelled_at is not None:
            return
        self._cancelled_at = now
        asking = ClientTransaction(cancel_of(invite.asked), invite.to, now)
        self._asking.append(asking)
        self._out(asking.first)

    def _on_response(self, asking: ClientTransaction, response: Response, now: float) -> None:
        if asking.method == "INVITE":
            if response.code < 200:
                self._on_provisional(response, now)
                return
            self._acknowledge(asking, response)
        if response.code in (401, 407) and self._retried(asking, response, now):
            return
        if asking.method == "INVITE" and response.code < 300:
            self._on_success(response, now)
        elif asking.method == "INVITE":
            self._failed(asking, response.code, response.phrase, _headers(response))

    def _on_provisional(self, response: Response, now: float) -> None:
        if self.state is not State.CALLING:
            return
        if self._leaving:
            self._cancel_if_heard(now)
            return
        self.on_event(Provisional(response.code))

    def _acknowledge(self, asking: ClientTransaction, response: Response) -> None:
        if response.code >= 300:
            asking.ack = Outgoing(bytes(refusal_ack(asking.asked, response)), asking.to)
        else:
            if self.state is State.CALLING:
                self.dialog.learn(response)
            else:
                self.dialog.refresh(response)
            ack = self.dialog.request("ACK", sequence=asking.asked.cseq.sequence)
            asking.ack = Outgoing(bytes(ack), self.dialog.next_hop())
        self._out(asking.ack)

    def _on_success(self, response: Response, now: float) -> None:
        self._invite = None
        if self.state is State.ENDED:
            return
        first, self.state = self.state is State.CALLING, State.UP
        try:
            self.media.conclude(response.body)
        except NotAcceptable as problem:
            self._ask("BYE", now)
            self._end(Over("phone", 488, str(problem)))
            return
        if self._leaving:
            # The answer crossed our CANCEL.
            self.hang_up(now)
        else:
            self.on_event(Established() if first else Renegotiated(response.code, ours=True))

    def _failed(
        self,
        asking: ClientTransaction,
        code: int,
        reason: str,
        headers: dict[str, str] | None = None,
    ) -> None:
        if asking is not self._invite:
            return
        self._invite = None
        if self.state is State.UP:
            self.on_event(Renegotiated(code, ours=True))
            if code in (408, 481):
                # Section 12.2.1.2: the other side no longer knows this call.
                self._ask("BYE", asking.started)
                self._end(Over("network", code, reason))
        elif self.state is State.CALLING:
            by: EndedBy = "phone" if self._leaving else "network" if code == 408 else "other"
            self._end(Over(by, code, reason, headers or {}))

    def _retried(self, asking: ClientTransaction, response: Response, now: float) -> bool:
        name = "WWW-Authenticate" if response.code == 401 else "Proxy-Authenticate"
        asked = response.headers.get(name)
        if self.credentials is None or asked is None or self._leaving or self._challenges > 2:
            return False
        stale = digest.parameters(asked).get("stale", "").lower() == "true"
        if not stale and any(asking.asked.headers.get(name) for name in _PROOFS):
            return False
        try:
            value = digest.authorization(
                asked, self.credentials, method=asking.method, uri=str(asking.asked.uri)
            )
        except digest.CannotAuthenticate:
            return False
        answer = "Authorization" if response.code == 401 else "Proxy-Authorization"
        again = self.dialog.request(
            asking.method,
            headers=[*_own_headers(asking.asked), (answer, value)],
            body=asking.asked.body,
        )
        self._challenges += 1
        started = self._start(again, now)
        if asking is self._invite:
            self._invite = started
        return True

    def _end(self, over: Over) -> None:
        if self.state is not State.ENDED:
            self.state = State.ENDED
            self.on_event(over)
            self._tell_if_settled()

    def _tell_if_settled(self) -> None:
        if self.settled:
            self.on_settled()


def _headers(message: Request | Response) -> dict[str, str]:
    return {name: message.headers[name] for name in message.headers.keys()}  # noqa: SIM118


def _own_headers(asked: Request) -> list[Header]:
    own = [name for name in asked.headers.keys() if name.lower() not in _WRITTEN_ANEW]  # noqa: SIM118
    return [(name, value) for name in own for value in asked.headers.getlist(name)]
