"""Watch a relayed reply go by: usage, errors, and whether it came to its end."""

from __future__ import annotations

import contextlib

import orjson

from gateway.errors import GatewayError
from gateway.events import Usage
from gateway.model import Json
from gateway.sse import EventTooLong, SSESplitter
from gateway.wire import InboundWire
from gateway_claude.errors import read_error_event
from gateway_claude.runs import END, run_end
from gateway_claude.usage import merge, read_usage

DELTA = b'"content_block_delta"'
HEAD = b'event: content_block_delta\ndata: {"type":"content_block_delta",'
"""How Claude starts a delta."""
TYPE_WITHIN = 64
"""How many bytes from its start an event's type is looked for, before the event is parsed."""


class _Watch:
    """What both taps know."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None
        self._raw_usage: dict[str, Json] = {}

    def _count(self, raw: Json) -> None:
        """Take a reading; one that can't be read changes nothing."""
        with contextlib.suppress(TypeError, ValueError):
            self._raw_usage = merge(self._raw_usage, raw)
            self.usage = read_usage(self._raw_usage) if self._raw_usage else None


class StreamTap(_Watch):
    """Most events are deltas, and those are not parsed."""

    def __init__(self) -> None:
        super().__init__()
        self._splitter = SSESplitter()
        self._tail = b""

    def feed(self, data: bytes) -> bytes:
        telling = self._telling(data)
        self._tail = data[-4:] if len(data) >= 4 else (self._tail + data)[-4:]
        self.whole = self._tail.endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))
        if telling:
            self._read(telling)
        return data

    def _telling(self, data: bytes) -> bytes:
        """`data` without a run of deltas, which say that there is content and nothing else."""
        if data.startswith(HEAD) and self._tail.endswith(END):
            start = 0
        else:
            start = data.find(END + HEAD) + len(END)
            if start < len(END):
                return data
        end = run_end(data, HEAD)
        events = data.count(END, start, end)
        if not events or events != data.count(HEAD, start, end):
            return data
        self.content = True
        return data[:start] + data[end:]

    def _read(self, data: bytes) -> None:
        try:
            events = self._splitter.feed(data)
        except EventTooLong:
            events = []
        for event in events:
            if DELTA in event.data[:TYPE_WITHIN]:
                self.content = True
            else:
                self._see(event.data)

    def _see(self, data: bytes) -> None:
        try:
            raw = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if not isinstance(raw, dict):
            return
        match raw.get("type"):
            case "content_block_delta":
                self.content = True
            case "content_block_start":
                block = raw.get("content_block")
                kind = block.get("type") if isinstance(block, dict) else None
                self.content = self.content or kind not in ("text", "thinking")
            case "message_start":
                message = raw.get("message")
                self._count(message.get("usage") if isinstance(message, dict) else None)
            case "message_delta":
                self._count(raw.get("usage"))
                delta = raw.get("delta")
                said = delta.get("stop_reason") if isinstance(delta, dict) else None
                self.finished = self.finished or bool(said)
            case "message_stop":
                self.finished = True
            case _ if "error" in raw:
                self.error = read_error_event(raw)


class BodyTap(_Watch):
    """A whole JSON reply; it is finished when it parses."""

    def __init__(self) -> None:
        super().__init__()
        self._body = b""

    def feed(self, data: bytes) -> bytes:
        self._body += data
        if self._body.rstrip().endswith(b"}"):
            self._see()
        return data

    def _see(self) -> None:
        try:
            raw = orjson.loads(self._body)
        except orjson.JSONDecodeError:
            return
        if not isinstance(raw, dict):
            return
        self.content = self.finished = True
        if "error" in raw:
            self.error = read_error_event(raw)
        self._count(raw.get("usage"))


def tap(wire: InboundWire, stream: bool) -> StreamTap | BodyTap:  # noqa: ARG001 - a hook's
    """The tap for a reply to `wire`."""
    return StreamTap() if stream else BodyTap()
