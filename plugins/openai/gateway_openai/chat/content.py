"""The two forms of a message's content: a string, or a list of parts."""

from __future__ import annotations

from gateway.model import Json

TEXT_ONLY = {"type", "text"}
PARAGRAPH = "\n\n"
Wire = dict[str, Json]


def text_content(items: list[Wire], said: Json) -> Json:
    """Content for a role that takes text: a string, unless a list was said or is needed."""
    if said == "list":
        return items
    if len(items) == 1:
        return items[0]["text"] if items[0].keys() == TEXT_ONLY else items
    if any(item.keys() != TEXT_ONLY for item in items):
        return items
    return PARAGRAPH.join(item["text"] for item in items)


def user_content(items: list[Wire], said: Json) -> Json:
    """Content for a user message: a string when it is one plain text."""
    if said != "list" and len(items) == 1 and items[0].keys() == TEXT_ONLY:
        return items[0]["text"]
    return items
