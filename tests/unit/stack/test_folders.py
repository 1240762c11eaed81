"""What runs leave behind: the newest stay, what is in use stays, `make clean` waits for both."""

import fcntl
import os
from pathlib import Path

import pytest

from rehearsal.settings import REPO
from rehearsal.stack.folders import held, new_folder, thin
from setup import cleaning
from setup.doing import CannotSetUp


def runs(root: Path, count: int) -> list[Path]:
    """Folders of `count` runs, oldest first, each with a log."""
    found = [root / f"20260101-0000{n:02}-{n}-abcd" for n in range(count)]
    for folder in found:
        (folder / "logs").mkdir(parents=True)
        (folder / "logs" / "worker.log").touch()
    return found


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which everything was made, and a run."""
    monkeypatch.delenv("FRONTDESK_RUN_FOLDER", raising=False)
    for name in cleaning.MADE:
        (tmp_path / name).mkdir()
    (tmp_path / "mine.yaml").touch()
    runs(tmp_path / ".run", 1)
    return tmp_path


def test_only_the_newest_runs_are_kept(tmp_path: Path) -> None:
    """By their names, which are times."""
    folders = runs(tmp_path, 5)

    assert thin(tmp_path, keep=2) == 3
    assert sorted(tmp_path.iterdir()) == folders[3:]


def test_a_run_that_is_in_use_is_kept(tmp_path: Path) -> None:
    """A stack that was left up for days still writes there."""
    folders = runs(tmp_path, 4)

    with held(folders[0]):
        assert thin(tmp_path, keep=2) == 1
    assert sorted(tmp_path.iterdir()) == [folders[0], *folders[2:]]
    assert thin(tmp_path, keep=2) == 1


def test_what_is_not_ours_is_never_thinned(tmp_path: Path) -> None:
    """People put things where they find a folder."""
    runs(tmp_path, 1)
    (tmp_path / "20251231-keep-this").mkdir()
    (tmp_path / "up.json").touch()

    assert thin(tmp_path, keep=0) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["20251231-keep-this", "up.json"]


def test_a_new_folder_is_one_of_ours(tmp_path: Path) -> None:
    """Otherwise it would stay for ever."""
    new_folder(tmp_path).mkdir()

    assert thin(tmp_path, keep=0) == 1
    assert thin(tmp_path / "nothing yet") == 0


def test_clean_removes_what_was_made_and_nothing_else(made: Path) -> None:
    """An environment that is only linked here is somebody else's."""
    elsewhere = made / "elsewhere"
    elsewhere.mkdir()
    (made / ".venv").rmdir()
    (made / ".venv").symlink_to(elsewhere)

    cleaning.clean(made)

    assert sorted(p.name for p in made.iterdir()) == ["elsewhere", "mine.yaml"]


@pytest.mark.parametrize("lock", [".run/up.lock", ".build/setup.lock"])
def test_clean_waits_for_a_stack_or_a_set_up(made: Path, lock: str) -> None:
    """Processes without their files could only be ended by hand."""
    with (made / lock).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(CannotSetUp, match=f"nothing removed: .*{lock}.*`make down`"):
            cleaning.clean(made)

    assert (made / ".venv").exists()
    cleaning.clean(made)


def test_clean_waits_for_a_call(made: Path) -> None:
    """It holds the folder of its run, the stack's own way."""
    folder = next((made / ".run").iterdir())
    with held(folder), pytest.raises(CannotSetUp, match=f"{folder.name}/in-use.lock"):
        cleaning.clean(made)

    assert (folder / "logs" / "worker.log").exists()


def test_clean_finds_a_stack_whose_runs_lie_elsewhere(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its processes still run on this environment."""
    monkeypatch.setenv("FRONTDESK_RUN_FOLDER", str(made / "elsewhere"))
    (folder,) = runs(made / "elsewhere", 1)

    with held(folder), pytest.raises(CannotSetUp):
        cleaning.clean(made)


def test_what_users_are_told_to_make_is_not_in_git() -> None:
    """Calls, profiles and trunks of a company, as the README has them."""
    ignored = (REPO / ".gitignore").read_text(encoding="utf-8").split(os.linesep)

    assert {"/calls/", "/profiles/", "/trunks.yaml", "/.run/"} <= set(ignored)
