"""Malformed and hostile SIP datagrams, after RFC 4475 and what scanners send.

Data for tests that throw them at livekit-sip and at this phone: whoever gets them must go on taking
calls. `python -m rehearsal.phone torture` sends them by hand.
"""

from rehearsal.phone.messages import Address

_BODY = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
    "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
)


def datagrams(number: str, to: Address, back: Address) -> dict[str, bytes]:
    """Name each datagram that calls `number` at `to` and says it comes from `back`."""
    target = f"{to[0]}:{to[1]}"
    good = _invite(number, target, back)
    made = _start_lines(good, number, target) | _headers(good, number, target) | _bytes(good)
    # Each is a call of its own: a receiver may take a second one of the same branch for a repeat.
    return {
        name: data.replace(b"torture", f"torture{index}".encode())
        for index, (name, data) in enumerate(made.items())
    }


def _invite(number: str, target: str, back: Address) -> str:
    me = f"{back[0]}:{back[1]}"
    return (
        f"INVITE sip:{number}@{target} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {me};branch=z9hG4bKtorture;rport\r\n"
        "Max-Forwards: 70\r\n"
        f"From: <sip:+15550009999@{me}>;tag=torture\r\n"
        f"To: <sip:{number}@{target}>\r\n"
        f"Call-ID: torture@{back[0]}\r\n"
        "CSeq: 1 INVITE\r\n"
        f"Contact: <sip:+15550009999@{me}>\r\n"
        "Content-Type: application/sdp\r\n"
        f"Content-Length: {len(_BODY)}\r\n\r\n{_BODY}"
    )


def _start_lines(good: str, number: str, target: str) -> dict[str, bytes]:
    uri = f"sip:{number}@{target}"
    lines = {
        "start line without version": f"INVITE {uri}",
        "version 7.0": f"INVITE {uri} SIP/7.0",
        "lower-case method": f"invite {uri} SIP/2.0",
        "unknown method": f"TELEPORT {uri} SIP/2.0",
        "request line with extra spaces": f"INVITE  {uri}   SIP/2.0",
        "address in angle brackets": f"INVITE <{uri}> SIP/2.0",
        "unknown scheme": "INVITE nobodyKnowsThisScheme:totallyopaque SIP/2.0",
        "broken percent escape": f"INVITE sip:%zz@{target} SIP/2.0",
        "control characters in the address": f"INVITE sip:\x01\x02\x7f@{target} SIP/2.0",
        "status out of range": "SIP/2.0 4294967301 better not break",
        "response to nothing": "SIP/2.0 200 OK",
    }
    rest = good.partition("\r\n")[2]
    return {name: f"{line}\r\n{rest}".encode() for name, line in lines.items()}


def _headers(good: str, number: str, target: str) -> dict[str, bytes]:
    to = f"To: <sip:{number}@{target}>"
    changes = {
        "no Via": (_line(good, "Via"), ""),
        "no From": (_line(good, "From"), ""),
        "no Call-ID": (_line(good, "Call-ID"), ""),
        "CSeq names another method": ("CSeq: 1 INVITE", "CSeq: 1 OPTIONS"),
        "CSeq beyond 32 bits": ("CSeq: 1 ", "CSeq: 36893488147419103232 "),
        "CSeq is no number": ("CSeq: 1 ", "CSeq: one "),
        "negative Content-Length": ("Content-Length: ", "Content-Length: -"),
        "Content-Length beyond the datagram": ("Content-Length: ", "Content-Length: 9"),
        "Max-Forwards is no number": ("Max-Forwards: 70", "Max-Forwards: seventy"),
        "Max-Forwards is zero": ("Max-Forwards: 70", "Max-Forwards: 0"),
        "unterminated quote": (to, f'To: "Mr. Watson <sip:{number}@{target}>'),
        "unterminated bracket": (to, f"To: <sip:{number}@{target}"),
        "parameter named self": (to, f"{to};self=1"),
        "header without colon": ("Max-Forwards: 70", "Max-Forwards 70"),
        "header without end": ("Max-Forwards: 70", f"Subject: {'x' * 20_000}"),
        "thousand Vias": (_line(good, "Via"), _line(good, "Via") * 500),
        "unknown extension required": ("Max-Forwards: 70", "Require: nothingSupportsThis"),
    }
    return {name: good.replace(old, new, 1).encode() for name, (old, new) in changes.items()}


def _bytes(good: str) -> dict[str, bytes]:
    raw = good.encode()
    return {
        "only NUL": bytes(64),
        "not UTF-8": raw.replace(b"torture@", b"\xff\xfe\xc0@", 1),
        "NUL inside": raw.replace(b"Call-ID", b"Call\0-ID", 1),
        "cut in a header": raw[:150],
        "cut in the description": raw.replace(_BODY.encode(), b"v=0\r\no=- 1", 1),
        "lines end with LF": raw.replace(b"\r\n", b"\n"),
        "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "random bytes": bytes((index * 73 + 41) % 256 for index in range(400)),
    }


def _line(message: str, name: str) -> str:
    start = message.index(f"{name}: ")
    return message[start : message.index("\r\n", start) + 2]
