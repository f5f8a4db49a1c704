"""The shape that every wire module fills in, and the pieces that streams are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from attrs import frozen

from tests.scripted.answer import Answer, Ask

Body = dict[str, Any]
Quirks = frozenset[str]
Edit = Callable[[Body], Body | None]


@frozen
class Frame:
    """One event of a stream.

    place: head (before any content), text (content that a cut may follow), content (other
    content), or end (what only a complete stream has).
    """

    data: Body | str
    event: str | None = None
    place: Literal["head", "text", "content", "end"] = "content"


@frozen
class Wire:
    """One wire format.

    read: body -> Ask. whole: a body that is not streamed. frames: a stream.
    error: (status, message) -> body. failure: the error event inside a stream.
    check: body -> what an upstream would refuse in it. edits: quirks as edits of single frames;
    None drops the frame. separator: what ends a frame; "\n\n" is SSE, "\n" is NDJSON.
    """

    name: str
    read: Callable[[Body], Ask]
    whole: Callable[[Answer, Ask, Quirks], Body]
    frames: Callable[[Answer, Ask, Quirks], Iterator[Frame]]
    error: Callable[[int, str], Body]
    failure: Callable[[str], Frame]
    check: Callable[[Body], list[str]] = lambda _body: []
    edits: Mapping[str, Edit] = {}
    content_type: str = "text/event-stream; charset=utf-8"


def pieces(text: str, quirks: Quirks) -> list[str]:
    """Cut a text in three or four, as a model's tokens would.

    Quirks: "whole_args" keeps it whole, "characters" sends each character on its own.
    """
    if "characters" in quirks:
        return list(text)
    if "whole_args" in quirks or len(text) < 6:
        return [text]
    size = len(text) // 3
    return [text[at : at + size] for at in range(0, len(text), size)]


def texts(parts: object) -> str:
    """The text of a content field that is a string or a list of parts."""
    if isinstance(parts, list):
        return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
    return str(parts)


def edited(frames: Iterable[Frame], edits: Mapping[str, Edit], quirks: Quirks) -> Iterator[Frame]:
    """Apply the quirks that are edits to every frame of a stream."""
    wanted = [edit for name, edit in edits.items() if name in quirks]
    for frame in frames:
        data: Body | str | None = frame.data
        for edit in wanted:
            if isinstance(data, dict):
                data = edit(data)
        if data is not None:
            yield Frame(data, frame.event, frame.place)


def without(*names: str) -> Edit:
    """An edit that removes fields from a frame."""

    def edit(data: Body) -> Body:
        return {key: value for key, value in data.items() if key not in names}

    return edit
