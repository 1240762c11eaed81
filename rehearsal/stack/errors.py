"""What can keep a stack from standing. Every message is for the person at the terminal."""


class StackError(Exception):
    """The stack cannot start or cannot go on; the message says which part and what to do."""


class ProgramMissing(StackError):
    """A program that a part needs is not on this machine."""


class PortTaken(StackError):
    """A port that was asked for by number is in use."""


class PartDied(StackError):
    """A part ended although nobody ended it. `part` is its name, `tail` the end of its log."""

    def __init__(self, part: str, *, code: int, log: str, tail: str) -> None:
        self.part = part
        self.tail = tail
        how = f"killed by signal {-code}" if code < 0 else f"exit {code}"
        super().__init__(f"{part} ended by itself ({how}). The end of {log}:\n{tail}")


class NotReady(StackError):
    """A part runs but does not answer in time. `part` is its name, `tail` the end of its log."""

    def __init__(self, part: str, *, after_s: float, log: str, tail: str) -> None:
        self.part = part
        self.tail = tail
        super().__init__(f"{part} is not ready after {after_s:.0f} s. The end of {log}:\n{tail}")
