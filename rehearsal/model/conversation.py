"""The items of one conversation, in order, each knowing the one before it.

A client rebuilds the conversation from `previous_item_id`; a null there puts an item at the head,
so only the very first item may bear one. Called by `model.session`. Pure.
"""

from typing import Any

Item = dict[str, Any]


class BadItem(Exception):
    """The client's request cannot be met; `code` is the protocol's, `param` the field."""

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class Conversation:
    """Items in order."""

    def __init__(self) -> None:
        self._items: list[Item] = []

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, oldest first."""
        return tuple(self._items)

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Put `item` after the item `after` ("root": first; None: last); returns what precedes it.

        Raises:
            BadItem: the id is taken, or `after` names no item.
        """
        if any(known["id"] == item["id"] for known in self._items):
            raise BadItem(
                f"item {item['id']!r} exists already", code="item_create_duplicate_item_id"
            )
        place = len(self._items)
        if after == "root":
            place = 0
        elif after is not None:
            place = self._place(after, "previous_item_id") + 1
        self._items.insert(place, item)
        return str(self._items[place - 1]["id"]) if place else None

    def get(self, item_id: str) -> Item:
        """One item.

        Raises:
            BadItem: there is none of this id.
        """
        return self._items[self._place(item_id, "item_id")]

    def delete(self, item_id: str) -> None:
        """Forget one item.

        Raises:
            BadItem: there is none of this id.
        """
        del self._items[self._place(item_id, "item_id")]

    def truncate(self, item_id: str) -> None:
        """Drop the transcript of what the caller did not hear.

        Raises:
            BadItem: there is no such item, or it is not the assistant's message.
        """
        item = self.get(item_id)
        if item.get("role") != "assistant":
            raise BadItem("only assistant messages can be truncated", code="invalid_value")
        for part in item.get("content", []):
            # The protocol removes the text: it cannot know which words were heard.
            part.pop("transcript", None)

    def _place(self, item_id: str, param: str) -> int:
        for place, item in enumerate(self._items):
            if item["id"] == item_id:
                return place
        raise BadItem(f"there is no item {item_id!r}", code="item_not_found", param=param)
