"""What both ends of a call agreed to send and receive, through any number of offers and answers.

Pure. The call's machine carries the descriptions; media asks here where to send which payload.
"""

import secrets
from dataclasses import dataclass, field

from rehearsal.phone import sdp
from rehearsal.phone.g711 import Codec
from rehearsal.phone.messages import Address
from rehearsal.phone.sdp import Audio, Direction


@dataclass(frozen=True)
class Agreed:
    """What holds now: where to send, as which payload types, and whether to."""

    to: Address
    payload_type: int
    codec: Codec
    events: int | None
    sends: bool
    receives: bool


@dataclass
class Negotiation:
    """One call's media from our side; `wanted` is our direction, changed to hold and resume."""

    host: str
    port: int
    codecs: tuple[Codec, ...]
    wanted: Direction = "sendrecv"
    agreed: Agreed | None = None
    _session: int = field(default_factory=lambda: secrets.randbits(31))
    _version: int = 0
    _events: int | None = sdp.EVENT_PAYLOAD

    def offer(self) -> bytes:
        """Describe what we want."""
        codecs = self.codecs if self.agreed is None else (self.agreed.codec,)
        payloads = tuple((codec.payload_type, codec) for codec in codecs)
        return self._write(Audio(self.host, self.port, payloads, self._events, self.wanted))

    def answer(self, offer: bytes) -> bytes:
        """Answer an offer of theirs; what was agreed before stands if this raises.

        Raises:
            NotAcceptable: unreadable, or no codec in common.
        """
        theirs = sdp.read(offer)
        ours = sdp.answer(
            theirs, host=self.host, port=self.port, codecs=self.codecs, wanted=self.wanted
        )
        self._agree(theirs, ours.payloads[0], ours)
        return self._write(ours)

    def conclude(self, answer: bytes) -> None:
        """Take their answer to our offer.

        Raises:
            NotAcceptable: unreadable, or it chose a codec we did not offer.
        """
        theirs = sdp.read(answer)
        chosen = next((p for p in theirs.payloads if p[1] in self.codecs), None)
        if chosen is None:
            raise sdp.NotAcceptable("the answer has no codec of the offer")
        ours = Audio(self.host, self.port, (chosen,), self._events, self.wanted)
        self._agree(theirs, chosen, ours)

    def _agree(self, theirs: Audio, chosen: tuple[int, Codec], ours: Audio) -> None:
        self.agreed = Agreed(
            (theirs.host, theirs.port),
            *chosen,
            theirs.events,
            sends=ours.sends and theirs.receives,
            receives=ours.receives and theirs.sends,
        )

    def _write(self, audio: Audio) -> bytes:
        self._version += 1
        return sdp.write(audio, session=self._session, version=self._version)
