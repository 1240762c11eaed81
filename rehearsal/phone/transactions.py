"""SIP transactions over UDP (RFC 3261 section 17): who repeats what, when, and until when.

Pure: fed with time and messages, they say what to send. A call's machine owns those it started;
the user agent owns those it was asked for.
"""

from dataclasses import dataclass, field

from sipmessage import Request, Response

from rehearsal.phone.messages import Address, Outgoing

T1_S = 0.5
T2_S = 4.0
GIVE_UP_S = 64 * T1_S


@dataclass
class ClientTransaction:
    """A request of ours, repeated until answered. Times are seconds on one monotonic clock."""

    asked: Request
    to: Address
    started: float
    ack: Outgoing | None = None
    """What answers a final response to INVITE; sent again for each repeat of it."""
    code: int = 0
    """The latest status heard, 0 before any."""
    _interval: float = field(default=T1_S, init=False)
    _repeat_at: float | None = field(init=False)

    def __post_init__(self) -> None:
        self._repeat_at = self.started + T1_S

    @property
    def method(self) -> str:
        """The method asked."""
        return self.asked.method

    @property
    def branch(self) -> str:
        """What its responses carry in their top Via."""
        return str(self.asked.via[0].parameters["branch"])

    @property
    def first(self) -> Outgoing:
        """The request as sent."""
        return Outgoing(bytes(self.asked), self.to)

    @property
    def answered(self) -> bool:
        """Whether a final response came."""
        return self.code >= 200

    def hear(self, response: Response) -> bool:
        """Take a response; False when it is a repeat of a final one already heard."""
        if self.answered:
            return False
        self.code = response.code
        if self.method == "INVITE" or self.answered:
            self._repeat_at = None
        else:
            self._interval = T2_S
        return True

    @property
    def due(self) -> float:
        """When `tick` has something to do next."""
        if self.method == "INVITE" and 0 < self.code < 200:
            return float("inf")  # it may ring for as long as the phone lets it
        over = self.started + GIVE_UP_S
        return over if self._repeat_at is None else min(self._repeat_at, over)

    def tick(self, now: float) -> Outgoing | None:
        """Repeat the request if it is time to."""
        if self._repeat_at is None or now < self._repeat_at:
            return None
        self._interval *= 2
        if self.method != "INVITE":
            self._interval = min(self._interval, T2_S)
        self._repeat_at += self._interval
        return self.first

    def gave_up(self, now: float) -> bool:
        """Whether nobody has said anything for 64 T1 (timers B and F)."""
        waiting = not self.answered and not (self.method == "INVITE" and self.code)
        return waiting and now >= self.started + GIVE_UP_S

    def spent(self, now: float) -> bool:
        """Whether repeats of its final response need no more care."""
        return self.answered and (self.method != "INVITE" or now >= self.started + GIVE_UP_S)


@dataclass
class ServerTransaction:
    """A request made of us: repeats get the same reply; a final one to INVITE waits for its ACK."""

    asked: Request
    to: Address
    started: float
    code: int = 0
    acknowledged: bool = False
    _latest: Outgoing | None = field(default=None, init=False)
    _interval: float = field(default=T1_S, init=False)
    _repeat_at: float | None = field(default=None, init=False)
    _over: float = field(init=False)

    def __post_init__(self) -> None:
        self._over = self.started + GIVE_UP_S

    def reply(self, response: Response, now: float) -> Outgoing:
        """Send this reply, and again whenever asked or, to INVITE, until acknowledged."""
        self.code = response.code
        self._latest = Outgoing(bytes(response), self.to)
        self._over = now + GIVE_UP_S
        if self.asked.method == "INVITE" and self.code >= 200:
            self._repeat_at = now + T1_S
        return self._latest

    def repeated(self) -> Outgoing | None:
        """The request came again: what to send, if anything was sent yet."""
        return self._latest

    def acknowledge(self) -> None:
        """The ACK came."""
        self.acknowledged = True
        self._repeat_at = None

    @property
    def answered(self) -> bool:
        """Whether a final reply was sent."""
        return self.code >= 200

    @property
    def due(self) -> float:
        """When `tick` has something to do next."""
        if self._repeat_at is not None:
            return min(self._repeat_at, self._over)
        return self._over if self.answered else float("inf")

    def tick(self, now: float) -> Outgoing | None:
        """Repeat a final reply to INVITE if it is time to."""
        if self._repeat_at is None or now < self._repeat_at:
            return None
        self._interval = min(2 * self._interval, T2_S)
        self._repeat_at += self._interval
        return self._latest

    def spent(self, now: float) -> bool:
        """Whether repeats of the request can no longer come."""
        return self.answered and now >= self._over
