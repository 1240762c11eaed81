"""Set-up's decisions: what counts as made, which Go will do, what it says is missing."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup import lock, servers, system
from setup.doing import CannotSetUp, Teller
from setup.environment import Environment
from setup.stamps import fingerprint, stamped, write_stamp

REPO = Path(__file__).parents[3]
NEVER = system.Need("libopus-dev", "opus", lambda: False)
ALWAYS = system.Need("sox", "sox", lambda: True)


def test_a_stamp_holds_until_its_files_change(tmp_path: Path) -> None:
    """A changed lock is made again; an unchanged one is not."""
    lock, stamp = tmp_path / "lock", tmp_path / "stamp"
    lock.write_text("a==1")
    write_stamp(stamp, fingerprint([lock], "3.11"))

    assert stamped(stamp, fingerprint([lock], "3.11"))
    assert not stamped(stamp, fingerprint([lock], "3.12"))
    lock.write_text("a==2")
    assert not stamped(stamp, fingerprint([lock], "3.11"))


def test_without_a_stamp_nothing_is_made(tmp_path: Path) -> None:
    """An interrupted step has left none."""
    assert not stamped(tmp_path / "stamp", fingerprint([]))


@pytest.fixture
def fake_uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A uv on PATH that writes down how it was called and makes empty environments."""
    told = tmp_path / "told"
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(
        f'#!/bin/sh\necho "$UV_PYTHON_DOWNLOADS $*" >>{told}\n'
        'for last; do :; done\n[ "$1" = venv ] || exit 0\n'
        f'mkdir -p "$last/bin" "$last/lib/python3.{sys.version_info.minor}"\n'
        'printf "#!/bin/sh" >"$last/bin/python"; chmod +x "$last/bin/python"\n'
    )
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
    return told


def test_an_environment_is_made_from_its_lock_with_hashes_and_no_foreign_python(
    fake_uv: Path, tmp_path: Path
) -> None:
    """The peers of the benchmark get theirs in the same way as frontdesk."""
    wanted = Environment(tmp_path / "env", tmp_path / "peers.lock", "peers", estimate_s=1)
    wanted.lock.write_text("a==1")
    assert not wanted.done()

    wanted.make(Teller(io.StringIO()))

    made, synced = fake_uv.read_text().splitlines()
    assert made.startswith("never venv ")
    assert synced.startswith("never pip sync ")
    assert "--require-hashes" in synced
    assert wanted.done()
    wanted.lock.write_text("a==2")
    assert not wanted.done()


def test_every_lock_is_renewed_by_one_command() -> None:
    """One that is not would be renewed by hand, and one day without its hashes."""
    locks = {file for file in REPO.rglob("requirements.lock") if ".venv" not in file.parts}

    assert locks == set(lock.LOCKS)


@pytest.mark.parametrize(
    ("said", "means"),
    [("go1.26.6", (1, 26)), ("go1.27rc1", (0, 0)), ("devel +abc", (0, 0)), ("", (0, 0))],
)
def test_only_a_released_go_counts(said: str, means: tuple[int, int]) -> None:
    """What cannot be read is taken for too old: the pinned Go is fetched then."""
    assert servers.go_version(said) == means


def test_the_versions_built_are_the_ones_of_the_design() -> None:
    """The pins stand in go.mod alone; both servers are known to work together in these."""
    assert servers.LIVEKIT_SERVER.version == "v1.13.5"
    assert servers.LIVEKIT_SIP.version == "v1.8.0"


def test_a_binary_of_another_version_is_recognised(tmp_path: Path) -> None:
    """Go writes what it built from into every program."""
    binary = tmp_path / "livekit-sip"
    binary.write_bytes(b"\x7fELF..\ndep\tgithub.com/livekit/sip\tv1.7.0\th1:x=\n")

    assert servers.was_built_from(binary, "github.com/livekit/sip", "v1.7.0")
    assert not servers.was_built_from(binary, "github.com/livekit/sip", "v1.8.0")


def test_a_setting_that_names_no_program_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building another one silently would hide the mistake."""
    monkeypatch.setenv("FRONTDESK_LIVEKIT_SIP", "/nowhere/livekit-sip")

    with pytest.raises(CannotSetUp, match=r"FRONTDESK_LIVEKIT_SIP=/nowhere/livekit-sip is no"):
        servers.brought(servers.LIVEKIT_SIP)


def test_a_program_on_path_is_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever has one keeps it."""
    mine = tmp_path / "livekit-server"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("FRONTDESK_LIVEKIT_SERVER", raising=False)

    assert servers.brought(servers.LIVEKIT_SERVER) == mine
    assert servers.step(servers.LIVEKIT_SERVER).done()


def test_only_what_is_absent_is_named_with_one_line_that_installs_it() -> None:
    """The sentence can be pasted into a terminal."""
    sentence = system.how_to_install(system.absent([NEVER, ALWAYS]))

    assert sentence.startswith("missing on this system: libopus-dev. ")
    assert "sox" not in sentence
    assert sentence.splitlines()[-1].split()[-1] in {"libopus-dev", "opus"}


def test_the_newest_postgresql_that_is_whole_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Debian keeps one folder for each version, some of which hold clients only."""
    whole = "initdb", "postgres"
    for version, programs in (("9", whole), ("15", whole), ("17", ["psql"])):
        (tmp_path / version / "bin").mkdir(parents=True)
        for name in programs:
            (tmp_path / version / "bin" / name).touch()
    monkeypatch.setattr(system, "POSTGRES", ((str(tmp_path), "*/bin"),))
    monkeypatch.setenv("PATH", str(tmp_path))

    assert system.postgres_programs() == tmp_path / "15" / "bin"


def test_a_browser_is_found_on_the_path_before_anywhere_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Homebrew's casks put theirs where no path leads; none at all is told as none."""
    cask, own = tmp_path / "Chromium", tmp_path / "bin" / "chromium"
    monkeypatch.setattr(system, "MAC_BROWSERS", (str(cask),))
    monkeypatch.setenv("PATH", str(own.parent))

    nothing = system.browser()
    cask.touch()
    of_cask = system.browser()
    own.parent.mkdir()
    own.touch(mode=0o755)

    assert [nothing, of_cask, system.browser()] == [None, cask, own]


def test_what_homebrew_does_not_have_comes_from_apple(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler on a Mac; the line is never empty."""
    monkeypatch.setattr("shutil.which", lambda name: f"/opt/{name}")
    gcc, opus = system.Need("gcc", "", lambda: False), system.Need("x", "opus", lambda: False)

    lines = [system.how_to_install(some).splitlines()[-1].strip() for some in ([gcc], [gcc, opus])]

    assert lines == ["xcode-select --install", "xcode-select --install && brew install opus"]


def test_no_python_new_enough_is_one_sentence(tmp_path: Path) -> None:
    """The shell that starts set-up says it: no Python of ours could."""
    for tool in ("dirname", "sh"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    told = subprocess.run(
        [REPO / "setup" / "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert told.returncode == 1
    assert told.stderr.startswith("setup: Python 3.11 to 3.14 is missing: install it")
    assert len(told.stderr.splitlines()) == 1
