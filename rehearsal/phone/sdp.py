"""Session descriptions (RFC 4566, offer and answer of RFC 3264) for one audio stream.

Pure: text to `Audio` and back, and the one answer this phone gives to an offer. Other media in an
offer are refused line by line, as RFC 3264 section 6 wants.
"""

import ipaddress
from dataclasses import dataclass
from typing import Literal

from rehearsal.phone.g711 import CODECS, Codec

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
EVENT_PAYLOAD = 101

_MIRROR: dict[str, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
_STATIC = {codec.payload_type: codec for codec in CODECS.values()}


class NotAcceptable(Exception):
    """A description that cannot be used: unreadable, or nothing in it that both sides can do."""


@dataclass(frozen=True)
class Audio:
    """One audio stream as one side describes it.

    `payloads` pairs payload types with codecs in order of preference; `events` is the payload type
    of telephone-events, None without; `refused` holds the other media lines of the offer.
    """

    host: str
    port: int
    payloads: tuple[tuple[int, Codec], ...]
    events: int | None = EVENT_PAYLOAD
    direction: Direction = "sendrecv"
    refused: tuple[str, ...] = ()
    first: bool = True

    @property
    def sends(self) -> bool:
        """Whether the side that wrote this will send audio."""
        return self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        """Whether the side that wrote this wants to be sent audio."""
        return self.direction in ("sendrecv", "recvonly")


def write(audio: Audio, *, session: int, version: int) -> bytes:
    """Write a description; `version` must grow with each change within one `session`."""
    kinds = [str(kind) for kind, _ in audio.payloads]
    lines = [f"a=rtpmap:{kind} {codec.name}/8000" for kind, codec in audio.payloads]
    if audio.events is not None:
        kinds.append(str(audio.events))
        lines.append(f"a=rtpmap:{audio.events} telephone-event/8000")
        lines.append(f"a=fmtp:{audio.events} 0-15")
    ours = [f"m=audio {audio.port} RTP/AVP {' '.join(kinds)}", *lines]
    ours += ["a=ptime:20", f"a={audio.direction}"]
    media = [*ours, *audio.refused] if audio.first else [*audio.refused, *ours]
    head = [
        "v=0",
        f"o=- {session} {version} IN IP4 {audio.host}",
        "s=-",
        f"c=IN IP4 {audio.host}",
        "t=0 0",
    ]
    return "\r\n".join([*head, *media, ""]).encode()


def read(body: bytes) -> Audio:
    """Read the first audio stream of a description.

    Raises:
        NotAcceptable: there is none, or an address, a port or a payload type is not one.
    """
    sections = _sections(body)
    at = next((i for i, part in enumerate(sections) if i and part[0].startswith("m=audio ")), 0)
    if not at:
        raise NotAcceptable("no audio in the description")
    section, session = sections[at], sections[0]
    try:
        _, port, profile, *kinds = section[0].split()
        audio_port = int(port.partition("/")[0])
        payloads, events = _payloads([int(kind) for kind in kinds], section)
        host = _host(section) or _host(session)
    except (ValueError, IndexError) as error:
        raise NotAcceptable(f"the audio line cannot be read: {error}") from error
    if profile != "RTP/AVP" or not 0 < audio_port < 65536 or host is None:
        raise NotAcceptable("the audio line has no plain RTP, port or address")
    refused = tuple(_refusal(part[0]) for i, part in enumerate(sections) if i not in (0, at))
    direction = _direction(section) or _direction(session) or "sendrecv"
    if host == "0.0.0.0":  # noqa: S104 - RFC 2543's way to say hold, not an address to bind
        direction = "inactive" if direction in ("recvonly", "inactive") else "sendonly"
    return Audio(host, audio_port, payloads, events, direction, refused, first=at == 1)


def answer(
    offer: Audio, *, host: str, port: int, codecs: tuple[Codec, ...], wanted: Direction
) -> Audio:
    """Answer an offer with the first of its codecs that is in `codecs`.

    Raises:
        NotAcceptable: no codec in common.
    """
    shared = [(kind, codec) for kind, codec in offer.payloads if codec in codecs]
    if not shared:
        raise NotAcceptable("no codec in common")
    allowed = _MIRROR[offer.direction]
    both = {"send", "recv"} & _ways(allowed) & _ways(wanted)
    directions: dict[frozenset[str], Direction] = {
        frozenset({"send", "recv"}): "sendrecv",
        frozenset({"send"}): "sendonly",
        frozenset({"recv"}): "recvonly",
    }
    direction = directions.get(frozenset(both), "inactive")
    first = offer.first
    return Audio(host, port, (shared[0],), offer.events, direction, offer.refused, first)


def _ways(direction: Direction) -> set[str]:
    return {way for way in ("send", "recv") if way in direction}


def _sections(body: bytes) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for line in body.decode(errors="replace").replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            sections.append([])
        if line:
            sections[-1].append(line)
    return sections


def _payloads(
    kinds: list[int], section: list[str]
) -> tuple[tuple[tuple[int, Codec], ...], int | None]:
    named: dict[int, str] = {}
    for line in section:
        if line.startswith("a=rtpmap:"):
            number, _, mapped = line.removeprefix("a=rtpmap:").partition(" ")
            named[int(number)] = mapped.strip().upper()
    payloads: list[tuple[int, Codec]] = []
    events: int | None = None
    for kind in kinds:
        name, _, rate = named.get(kind, "").partition("/")
        codec = CODECS.get(name) if kind in named else _STATIC.get(kind)
        if codec is not None:
            payloads.append((kind, codec))
        elif name == "TELEPHONE-EVENT" and rate.startswith("8000") and events is None:
            events = kind
    return tuple(payloads), events


def _host(section: list[str]) -> str | None:
    for line in section:
        if line.startswith("c=IN IP4 "):
            return str(ipaddress.IPv4Address(line.split()[2].partition("/")[0]))
    return None


def _direction(section: list[str]) -> Direction | None:
    return next((_MIRROR[_MIRROR[line[2:]]] for line in section if line[2:] in _MIRROR), None)


def _refusal(media_line: str) -> str:
    kind, _, *rest = media_line.split()
    return " ".join([kind, "0", *rest])
