"""The objects of a JSON array, as they arrive: `[{…}\\n,\\r\\n{…}\\n]`."""

from __future__ import annotations

import orjson

from gateway.model import Json
from gateway.sse import MAX_EVENT, EventTooLong

BROKEN = object()
"""Stands for what was left at the end and is no JSON; no reader takes it for a response."""


class ArraySplitter:
    """Cuts a byte stream into the objects of one array; a single object counts as an array of one.

    What has arrived is tried whenever it ends as an object does.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._begun = False

    def feed(self, data: bytes) -> list[Json]:
        """The objects that `data` completes. Raises EventTooLong."""
        self._tail += data
        if len(self._tail) > MAX_EVENT:
            raise EventTooLong
        text = self._tail.rstrip()
        if not text.endswith((b"}", b"]")):
            return []
        found = self._parsed(text.lstrip())
        if found is None:
            return []
        self._tail, self._begun = b"", True
        return found

    def close(self) -> list[Json]:
        """What the stream's end leaves: nothing, or BROKEN."""
        left = self._tail.strip()
        return [] if not left or (self._begun and left == b"]") else [BROKEN]

    def _parsed(self, text: bytes) -> list[Json] | None:
        """The objects of `text`; None while it is incomplete."""
        inner = text.removeprefix(b"," if self._begun else b"[")
        for end in (b"", b"]"):
            try:
                found: list[Json] = orjson.loads(b"[" + inner.removesuffix(end) + b"]")
            except orjson.JSONDecodeError:
                continue
            return found
        return None
