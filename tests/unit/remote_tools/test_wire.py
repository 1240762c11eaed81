"""What the SDK wraps, and what it lets out."""

from tools.remote.wire import cause_of


def test_the_cause_is_told_however_often_it_was_wrapped() -> None:
    """Each task group of the SDK puts a group around it."""
    refused = ConnectionRefusedError()
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [refused]), ValueError()])

    assert cause_of(group) is refused
    assert cause_of(refused) is refused
