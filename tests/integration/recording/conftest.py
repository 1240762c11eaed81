"""Storage to put recordings into, and a disk on which they wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.recording.storage import Storage, open_storage
from records.settings import RecordingStorage
from tests.integration.recording.s3 import S3, serving


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(_server: S3) -> S3:
    """The server, serving; a test may stop it."""
    if not _server.serves:
        _server.start()
    return _server


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Either kind, empty."""
    if request.param == "folder":
        return open_storage(RecordingStorage(url=str(tmp_path / "recordings")))
    server: S3 = request.getfixturevalue("s3")
    return open_storage(server.settings(url=f"s3://sound/{tmp_path.name}"))


@pytest.fixture
def waiting_folder(tmp_path: Path) -> Path:
    """Where recordings wait."""
    folder = tmp_path / "waiting"
    folder.mkdir()
    return folder
