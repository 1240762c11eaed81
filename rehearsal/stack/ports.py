"""Free ports for a stack, so that any number of stacks can stand on one machine.

Chosen below the range from which Linux takes ports for outgoing connections: nothing else draws
from there by chance. Between the choice and the bind another stack may still be faster; the stack
then starts again on others.
"""

import random
import socket
from dataclasses import dataclass, fields

LOWEST, HIGHEST = 20_000, 32_700
RTP_PORTS = 200
TRIES = 200
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - a probe: it never listens


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port per socket of the stack. livekit-sip takes media ports from `rtp` up to `rtp_end`
    (inclusive), two for each call."""

    redis: int
    livekit: int
    livekit_tcp: int
    livekit_udp: int
    sip: int
    rtp: int
    office: int
    model: int
    watch: int
    worker: int
    metrics: int

    @property
    def rtp_end(self) -> int:
        """The last port of the media range."""
        return self.rtp + RTP_PORTS - 1

    def taken(self) -> list[str]:
        """Those that are in use now, each as "sip 5060"."""
        singles = [field.name for field in fields(self) if field.name != "rtp"]
        busy = [
            f"{name} {getattr(self, name)}" for name in singles if not free(getattr(self, name))
        ]
        media = [port for port in range(self.rtp, self.rtp_end + 1) if not free(port)]
        return busy + [f"rtp {port}" for port in media]


def choose(*, sip: int | None = None, dice: random.Random | None = None) -> Ports:
    """Free ports for one stack.

    Args:
        sip: SIP port to prefer; another is chosen if it is in use.
        dice: where chance comes from.

    Raises:
        OSError: the machine has no room left in the range.
    """
    dice = dice or random.Random()
    rtp = _media_range(dice)
    used = set(range(rtp, rtp + RTP_PORTS))
    names = [field.name for field in fields(Ports) if field.name != "rtp"]
    chosen = {name: _single(dice, used) for name in names}
    if sip is not None and free(sip):
        chosen["sip"] = sip
    return Ports(rtp=rtp, **chosen)


def free(port: int) -> bool:
    """Whether `port` can be bound now, for TCP and for UDP, on every address."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        # A connection of an ended stack in TIME_WAIT keeps no server from binding.
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind((ANY_ADDRESS, port))
            udp.bind((ANY_ADDRESS, port))
        except OSError:
            return False
    return True


def any_port() -> int:
    """One free port.

    Raises:
        OSError: the machine has no room left in the range.
    """
    return _single(random.Random(), set())


def _media_range(dice: random.Random) -> int:
    for _ in range(TRIES):
        start = dice.randrange(LOWEST, HIGHEST - RTP_PORTS, RTP_PORTS)
        if all(map(free, range(start, start + RTP_PORTS))):
            return start
    raise OSError(f"no {RTP_PORTS} free ports in a row between {LOWEST} and {HIGHEST}")


def _single(dice: random.Random, used: set[int]) -> int:
    for _ in range(TRIES):
        port = dice.randrange(LOWEST, HIGHEST)
        if port not in used and free(port):
            used.add(port)
            return port
    raise OSError(f"no free port found between {LOWEST} and {HIGHEST}")
