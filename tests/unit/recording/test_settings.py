"""Where recordings go, as operators write it."""

import pytest
from pydantic import ValidationError

from records.settings import RecordingStorage


@pytest.mark.parametrize("url", ["recordings", "/srv/recordings", "s3://bucket", "s3://b.c/a/b"])
def test_a_folder_and_a_bucket_are_places(url: str) -> None:
    """With or without a prefix."""
    assert RecordingStorage(url=url).url == url


@pytest.mark.parametrize("url", ["", "s3://", "gs://bucket", "https://bucket", "s3:/bucket/x"])
def test_what_is_neither_is_refused(url: str) -> None:
    """At the worker's start, and not when the first call is over."""
    with pytest.raises(ValidationError):
        RecordingStorage(url=url)


def test_the_secret_is_never_printed() -> None:
    """Neither in a repr nor in a complaint about another setting."""
    settings = RecordingStorage.model_validate({"secret_access_key": "hush-hush"})
    with pytest.raises(ValidationError) as refused:
        RecordingStorage.model_validate({"secret_access_key": "hush-hush", "connect_timeout_s": 0})

    assert "hush-hush" not in repr(settings)
    assert "hush-hush" not in str(refused.value)
