"""Events -> a Gemini client's reply.

Clients break on comment lines and on `data:` without its space, and take a stream without a
`finishReason` for an empty answer (Gemini CLI 0.61, google-genai 3.4, seen 2026-11).
"""

from __future__ import annotations

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import Event, Failure
from gateway.model import ChatRequest, Json, note
from gateway.sse import sse
from gateway_gemini.encode_reply import ReplyWriter
from gateway_gemini.errors import error_body
from gateway_gemini.names import DIALECT


class StreamEncoder:
    """Writes server-sent events."""

    content_type = "text/event-stream"

    def __init__(self, writer: ReplyWriter) -> None:
        self._writer = writer
        self._failed = False

    def feed(self, events: list[Event]) -> bytes:
        written = b"".join([sse(orjson.dumps(one)) for one in self._writer.take(events)])
        return written + self._failure() if self._writer.error else written

    def close(self) -> bytes:
        _cut(self._writer)
        return self._failure()

    def _failure(self) -> bytes:
        error = self._writer.error
        if error is None or self._failed:
            return b""
        self._failed = True
        return sse(orjson.dumps(error_body(error)))


class ArrayEncoder:
    """Writes the JSON array that a stream without `alt=sse` is."""

    content_type = "application/json"

    def __init__(self, writer: ReplyWriter) -> None:
        self._writer = writer
        self._begun = False

    def feed(self, events: list[Event]) -> bytes:
        return b"".join([self._item(one) for one in self._writer.take(events)])

    def close(self) -> bytes:
        _cut(self._writer)
        error = self._writer.error
        last = self._item(error_body(error)) if error else b""
        return last + b"]"

    def _item(self, response: dict[str, Json]) -> bytes:
        start = b",\r\n" if self._begun else b"["
        self._begun = True
        return start + orjson.dumps(response)


class BodyEncoder:
    """Writes one JSON body at the end. Raises the error of a failure."""

    content_type = "application/json"

    def __init__(self, writer: ReplyWriter) -> None:
        self._writer = writer
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        self._events += events
        return b""

    def close(self) -> bytes:
        written = self._writer.take(self._events)
        _cut(self._writer)
        if self._writer.error:
            raise self._writer.error
        return orjson.dumps(written[-1])


def encoder(request: ChatRequest, attempt: Attempt) -> StreamEncoder | ArrayEncoder | BodyEncoder:
    """The encoder that the client asked for."""
    writer = ReplyWriter(request.model, attempt.losses)
    if not request.stream:
        return BodyEncoder(writer)
    asks_for_events = note(request.extra, DIALECT, "alt") == "sse"
    return StreamEncoder(writer) if asks_for_events else ArrayEncoder(writer)


def _cut(writer: ReplyWriter) -> None:
    """Let a reply that never came to its end fail."""
    if not writer.ended:
        writer.take([Failure(UpstreamError.truncated())])
