"""Process groups from outside: whether anything of one is left."""

import os

from tests.integration.livekit import wait_until


def lives(group: int) -> bool:
    """Whether any process of that group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def gone(*groups: int) -> bool:
    """Whether they all go, given a moment: orphans are reaped by whoever adopts them."""
    return wait_until(lambda: not any(map(lives, groups)))
