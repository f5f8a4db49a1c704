"""Watch a relayed Gemini reply go by: usage, errors, and whether it came to its end."""

from __future__ import annotations

import orjson

from gateway.errors import GatewayError
from gateway.events import Usage
from gateway.model import Json
from gateway.sse import EventTooLong, SSESplitter
from gateway.wire import InboundWire
from gateway_gemini.errors import error_of
from gateway_gemini.spelling import camel
from gateway_gemini.usage import read_usage

INTERESTING = (b"finish", b"usage", b'"error"', b"promptFeedback", b"prompt_feedback")
"""What stands in an event that says something about the end; the others are not parsed."""
PARTS = b'"parts"'


class _Watch:
    """What both taps know."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None

    def _see(self, data: bytes) -> None:
        """Take one response; what can't be read changes nothing."""
        try:
            raw = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if not isinstance(raw, dict):
            return
        if "error" in raw:
            self.error = error_of(raw)
            return
        response = camel(raw)
        usage = response.get("usageMetadata")
        if isinstance(usage, dict):
            seen = read_usage(usage)
            self.usage = self.usage.merged(seen) if self.usage else seen
        candidates = response.get("candidates")
        for candidate in candidates if isinstance(candidates, list) else ():
            self._candidate(candidate)
        feedback = response.get("promptFeedback")
        if isinstance(feedback, dict) and camel(feedback).get("blockReason"):
            self.finished = self.content = True

    def _candidate(self, candidate: Json) -> None:
        if isinstance(candidate, dict):
            content = candidate.get("content")
            self.content = self.content or (
                isinstance(content, dict) and bool(content.get("parts"))
            )
            self.finished = self.finished or bool(camel(candidate).get("finishReason"))


class StreamTap(_Watch):
    """Follows server-sent events."""

    def __init__(self) -> None:
        super().__init__()
        self._splitter = SSESplitter()
        self._tail = b""

    def feed(self, data: bytes) -> bytes:
        self._tail = (self._tail + data)[-4:]
        self.whole = self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))
        try:
            events = self._splitter.feed(data)
        except EventTooLong:
            events = []
        for event in events:
            if any(word in event.data for word in INTERESTING):
                self._see(event.data)
            elif PARTS in event.data:
                self.content = True
        return data


class BodyTap(_Watch):
    """Follows one whole JSON body."""

    def __init__(self) -> None:
        super().__init__()
        self._body = b""

    def feed(self, data: bytes) -> bytes:
        self._body += data
        if self._body.rstrip().endswith(b"}"):
            self._see(self._body)
        return data


def tap(wire: InboundWire, stream: bool) -> StreamTap | BodyTap:  # noqa: ARG001 - a hook's
    """The tap for a reply to `wire`. (A stream without `alt=sse` is no stream to the core.)"""
    return StreamTap() if stream else BodyTap()
