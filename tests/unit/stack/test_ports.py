"""Ports of a stack: free, distinct, below those the system hands out by itself."""

import random
import socket
from dataclasses import astuple

from rehearsal.stack import ports
from rehearsal.stack.ports import HIGHEST, LOWEST, Ports

SEED = 4711


def test_all_ports_differ_and_stay_out_of_the_media_range() -> None:
    """No two sockets of one stack meet on a port."""
    chosen = ports.choose(dice=random.Random(SEED))
    singles = [port for port in astuple(chosen) if port != chosen.rtp]

    assert len(set(singles)) == len(singles) == 10
    assert not set(singles) & set(range(chosen.rtp, chosen.rtp_end + 1))


def test_ports_lie_below_those_of_outgoing_connections() -> None:
    """Linux takes ports for outgoing connections from 32768 upwards."""
    assert all(LOWEST <= port < HIGHEST < 32768 for port in astuple(ports.choose()))


def test_a_preferred_sip_port_that_is_in_use_is_not_chosen() -> None:
    """5060 may belong to somebody's softphone; then any other will do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind(("127.0.0.1", 0))
        busy = somebody.getsockname()[1]

        assert ports.choose(sip=busy).sip != busy


def test_a_preferred_sip_port_that_is_free_is_chosen() -> None:
    """People dial a port they know."""
    wish = ports.choose(dice=random.Random(SEED)).office

    assert ports.choose(sip=wish).sip == wish


def test_a_port_with_a_listener_counts_as_taken() -> None:
    """TCP alone is enough to be in the way."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        assert not ports.free(somebody.getsockname()[1])


def test_taken_ports_are_named_with_what_they_were_for() -> None:
    """The message must lead to the line that asked for the port."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        busy = somebody.getsockname()[1]
        wanted = {**vars(ports.choose()), "office": busy}

        assert Ports(**wanted).taken() == [f"office {busy}"]
