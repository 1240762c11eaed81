"""SIP messages over UDP: datagrams in, checked messages out, and the requests and replies we write.

Pure. `sipmessage` carries the grammar. Around it, learnt from its 0.7.1: it does not unfold header
lines or check what RFC 3261 makes mandatory, it raises TypeError on a parameter named `self`, and
writing a parsed header again percent-encodes it; so replies echo headers as they came.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from sipmessage import URI, CSeq, Message, Request, Response, Via

Address: TypeAlias = tuple[str, int]
Header: TypeAlias = tuple[str, str]

PRODUCT = "frontdesk-phone"
ALLOWED = "INVITE, ACK, BYE, CANCEL, OPTIONS"
PHRASES = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}

_MANDATORY = ("Via", "From", "To", "Call-ID", "CSeq")
_FOLDED = re.compile(rb"\r\n[ \t]+")
_LINE = re.compile(rb"^([A-Za-z-]+)[ \t]*:[ \t]*(.*?)[ \t]*$")
_SHORT = {b"v": "Via", b"f": "From", b"t": "To", b"i": "Call-ID"}
_RPORT = re.compile(r";\s*rport(?=[;,\s]|$)")


class Malformed(Exception):
    """A datagram that is not a SIP message this phone can act on; `kind` tells what to answer."""

    def __init__(self, says: str, kind: Literal["request", "response", "noise"]) -> None:
        super().__init__(says)
        self.kind = kind


class Outgoing(NamedTuple):
    """A datagram to send."""

    data: bytes
    to: Address


def read(datagram: bytes) -> Request | Response:
    """Parse one datagram and check what every message must have.

    Raises:
        Malformed: whatever is wrong with it, and nothing else.
    """
    head, separator, body = datagram.partition(b"\r\n\r\n")
    try:
        message = Message.parse(_FOLDED.sub(b" ", head) + separator + body)
        _check(message)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Malformed(str(error), _kind(datagram)) from error
    return message


def _check(message: Request | Response) -> None:
    if missing := [name for name in _MANDATORY if not message.headers.get(name)]:
        raise ValueError(f"no {', '.join(missing)}")
    cseq = message.cseq
    if cseq.sequence >= 1 << 31:
        raise ValueError("CSeq is out of range")
    if isinstance(message, Request) and cseq.method != message.method:
        raise ValueError("CSeq names another method")
    if isinstance(message, Response) and not 100 <= message.code < 700:
        raise ValueError("no such status")
    length = message.headers.get("Content-Length")
    if length is not None:
        if not length.isdecimal() or int(length) > len(message.body):
            raise ValueError("Content-Length does not fit the body")
        message.body = message.body[: int(length)]
    # Parsed here so that whoever uses them later cannot meet a mistake.
    _ = (message.via[0], message.from_address, message.to_address)
    _ = (message.contact, message.record_route)


def _kind(datagram: bytes) -> Literal["request", "response", "noise"]:
    first = datagram.partition(b"\r\n")[0]
    if first.startswith(b"SIP/"):
        return "response"
    return "request" if b" SIP/" in first and not first.startswith(b"ACK ") else "noise"


def bad_request(datagram: bytes) -> bytes | None:
    """Answer 400 to a request that `read` refused, as far as it says whom to answer; else None."""
    found: dict[str, list[str]] = {name: [] for name in _MANDATORY}
    names = {name.lower().encode(): name for name in _MANDATORY} | _SHORT
    for line in _FOLDED.sub(b" ", datagram.partition(b"\r\n\r\n")[0]).split(b"\r\n")[1:]:
        matched = _LINE.match(line)
        if matched and (name := names.get(matched[1].lower())):
            found[name].append(matched[2].decode(errors="replace"))
    if not all(found.values()):
        return None
    reply = Response(400, PHRASES[400])
    for name, values in found.items():
        reply.headers.setlist(name, values if name == "Via" else values[:1])
    reply.headers.set("Content-Length", "0")
    return bytes(reply)


def request(method: str, uri: URI, headers: Iterable[Header], body: bytes = b"") -> Request:
    """Write a request; a body is a session description."""
    made = Request(method, uri, body)
    for name, value in headers:
        made.headers.add(name, value)
    _finish(made)
    return made


def reply(
    asked: Request,
    code: int,
    *,
    tag: str | None = None,
    headers: Iterable[Header] = (),
    body: bytes = b"",
) -> Response:
    """Write the reply to `asked`; `tag` is added to To unless it has one."""
    made = Response(code, PHRASES.get(code, "Refused"), body)
    made.headers.setlist("Via", list(asked.headers.getlist("Via")))
    if 100 < code < 300 and asked.headers.getlist("Record-Route"):
        made.headers.setlist("Record-Route", list(asked.headers.getlist("Record-Route")))
    made.headers.set("From", asked.headers["From"])
    to = asked.headers["To"]
    if tag and "tag" not in asked.to_address.parameters:
        to = f"{to};tag={tag}"
    made.headers.set("To", to)
    made.headers.set("Call-ID", asked.call_id)
    made.headers.set("CSeq", str(asked.cseq))
    for name, value in headers:
        made.headers.add(name, value)
    _finish(made)
    return made


def _finish(message: Request | Response) -> None:
    message.headers.set("User-Agent", PRODUCT)
    if message.body:
        message.headers.set("Content-Type", "application/sdp")
    message.headers.set("Content-Length", str(len(message.body)))


def note_source(asked: Request, source: Address) -> Address:
    """Write where a request came from into its top Via (RFC 3581); returns where replies go."""
    via: Via = asked.via[0]
    values = list(asked.headers.getlist("Via"))
    host, port = source
    if "rport" in via.parameters:
        first, comma, rest = values[0].partition(",")
        first = _RPORT.sub(f";rport={port};received={host}", first, count=1)
        asked.headers.setlist("Via", [first + comma + rest, *values[1:]])
        return source
    return (host, via.port or 5060)


def cseq_header(sequence: int, method: str) -> Header:
    """The CSeq header of a request."""
    return ("CSeq", str(CSeq(sequence, method)))
