"""Text that a document, a server or a model wrote, on its way into a line for people or a model.

Nothing in it may move a terminal's cursor or look like another line. Pure.
"""


def shown(text: object, *, most: int | None = 80) -> str:
    """The text as it is on one line, at most so many characters of it."""
    return "".join(char if char.isprintable() else " " for char in str(text))[:most]
