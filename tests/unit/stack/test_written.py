"""Configuration files as the servers and `python -m sip` get them."""

import stat
from pathlib import Path

import pytest
import yaml

from rehearsal.stack import written
from rehearsal.stack.folders import new_folder
from rehearsal.stack.layout import AGENT_NAME, DID, Layout
from sip import desired
from tests.unit.stack.test_parts import PORTS


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A stack on paper whose files are written."""
    layout = Layout(folder=tmp_path / "stack", ports=PORTS)
    written.write(layout)
    return layout


def test_the_trunks_are_ones_that_sip_accepts(layout: Layout) -> None:
    """The file that the stack writes passes every rule for such files."""
    found = desired.load(layout.trunks_file)

    assert found.agent == AGENT_NAME
    assert found.catch_all
    assert [trunk.numbers for trunk in found.trunks] == [[DID]]


def test_files_that_hold_keys_are_for_their_owner_only(layout: Layout) -> None:
    """Other users of the machine cannot read a secret."""
    for file in (written.server_file(layout), written.sip_file(layout)):
        assert layout.api_secret in file.read_text(encoding="utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_both_servers_share_key_and_redis(layout: Layout) -> None:
    """Otherwise calls arrive and no room ever opens."""
    server = yaml.safe_load(written.server_file(layout).read_text(encoding="utf-8"))
    sip = yaml.safe_load(written.sip_file(layout).read_text(encoding="utf-8"))

    assert server["keys"] == {sip["api_key"]: sip["api_secret"]}
    assert server["redis"] == sip["redis"] == {"address": "127.0.0.1:1"}
    assert sip["ws_url"] == "ws://127.0.0.1:2"


def test_the_media_range_is_the_one_that_was_probed(layout: Layout) -> None:
    """livekit-sip takes ports from there and nowhere else."""
    assert written.livekit_sip(layout)["rtp_port"] == "600-799"


def test_a_layout_shown_tells_no_secret(layout: Layout) -> None:
    """It ends up in tracebacks of failed tests."""
    for secret in (layout.api_secret, layout.office_key, layout.model_key):
        assert secret not in repr(layout)


def test_two_stacks_never_share_keys_or_a_folder(tmp_path: Path) -> None:
    """A leftover of one must not be able to speak to the other."""
    one, two = (Layout(folder=new_folder(tmp_path), ports=PORTS) for _ in range(2))

    assert one.folder != two.folder
    assert one.api_secret != two.api_secret
