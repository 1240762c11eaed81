"""Where a worker listens: its doors ask for no password, so nobody but this machine finds them."""

import socket
from contextlib import suppress
from pathlib import Path

import pytest

from agent.unfit import UNREACHABLE
from tests.integration.livekit import wait_until
from tests.integration.starting.worker import running

LISTENS = "0A"


def listening(pid: int) -> list[str]:
    """Addresses of a process's listening TCP sockets, as the kernel has them."""
    links, found = set(), []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        # A worker that tries to connect opens and closes others all the time.
        with suppress(FileNotFoundError):
            links.add(str(fd.readlink()))
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[at] for at in (1, 3, 9))
            if state == LISTENS and f"socket:[{inode}]" in links:
                words = bytes.fromhex(local.split(":")[0])
                # The kernel prints each word of four bytes from its last to its first.
                turned = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                found.append(socket.inet_ntop(family, turned))
    return found


@pytest.mark.parametrize(
    ("host", "binds_to"), [(None, "127.0.0.1"), ("127.0.0.2", "127.0.0.2")], ids=["default", "set"]
)
def test_health_and_metrics_bind_to_loopback_unless_set(
    tmp_path: Path, host: str | None, binds_to: str
) -> None:
    """`/`, `/worker` and `/metrics`: two sockets, both at that address and at no other."""
    log = tmp_path / "log"
    with running(log, FRONTDESK_LIVEKIT_RETRIES="16", FRONTDESK_HTTP_HOST=host) as worker:
        assert wait_until(lambda: UNREACHABLE in log.read_text())

        assert listening(worker.pid) == [binds_to, binds_to]
