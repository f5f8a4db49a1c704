"""A Gemini model's bytes -> events.

A stream is server-sent events (or, without `alt=sse`, one JSON array), each a whole
`GenerateContentResponse` with the next parts. There is no terminal event: `finishReason` ends it.
"""

from __future__ import annotations

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import Event
from gateway.model import Json
from gateway.sse import EventTooLong, SSESplitter
from gateway_gemini.decode_reply import ReplyReader
from gateway_gemini.json_array import ArraySplitter

NO_EVENTS = (b"{", b"[", b"<", b"n")
"""How what is no stream of events begins: JSON, or a page of a proxy on the way."""


class StreamDecoder:
    """Reads server-sent events, or the JSON array that comes without `alt=sse`."""

    def __init__(self, attempt: Attempt) -> None:
        self._reader = ReplyReader(attempt)
        self._splitter: SSESplitter | ArraySplitter | None = None
        self._start = b""

    def feed(self, data: bytes) -> list[Event]:
        if self._splitter is None:
            self._start += data
            data = self._start.lstrip()
            if not data:
                return []
            self._splitter = ArraySplitter() if data.startswith(NO_EVENTS) else SSESplitter()
        try:
            return self._read(self._splitter.feed(data))
        except EventTooLong:
            return self._reader.fail(UpstreamError.garbage("an event without end"))

    def close(self) -> list[Event]:
        left = self._splitter.close() if self._splitter else []
        return [*self._read(left), *self._reader.close()]

    def _read(self, split: list[Json]) -> list[Event]:
        """The events of server-sent events' data, or of what stood in an array."""
        out: list[Event] = []
        for one in split:
            out += (
                self._reader.read(one)
                if isinstance(self._splitter, ArraySplitter)
                else parsed(self._reader, one.data)
            )
        return out


class BodyDecoder:
    """Reads one whole JSON body."""

    def __init__(self, attempt: Attempt) -> None:
        self._reader = ReplyReader(attempt)
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        self._pieces.append(data)
        return []

    def close(self) -> list[Event]:
        return [*parsed(self._reader, b"".join(self._pieces)), *self._reader.close()]


def decoder(attempt: Attempt, stream: bool) -> StreamDecoder | BodyDecoder:
    """The decoder for a streamed reply, or for a whole body."""
    return StreamDecoder(attempt) if stream else BodyDecoder(attempt)


def parsed(reader: ReplyReader, data: bytes) -> list[Event]:
    """The events of one JSON text; a list holds several responses."""
    if reader.done or not data.strip():
        return []
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return reader.fail(UpstreamError.garbage("what should be JSON is not"))
    if isinstance(value, list):
        return [event for one in value for event in reader.read(one)]
    return reader.read(value)
