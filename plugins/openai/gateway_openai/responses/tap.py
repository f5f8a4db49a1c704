"""Watch the bytes of a relayed reply go by; all of them are passed on as they are.

Nearly every read is passed on without being parsed: one search tells whether it holds an end.
"""

from __future__ import annotations

import re

import orjson

from gateway.codec import Tap
from gateway.errors import GatewayError
from gateway.events import Usage
from gateway.model import Json
from gateway.sse import SSESplitter
from gateway.wire import InboundWire
from gateway_openai.responses.errors import failure_of
from gateway_openai.responses.fields import object_of
from gateway_openai.responses.usage import read_usage

BOUNDARY = re.compile(rb"(?:\r\n\r\n|\n\n|\r\r)")
TELLING = re.compile(rb'"type"\s*:\s*"(?:response\.(?:completed|done|incomplete|failed)|error)"')
ANSWER = re.compile(rb'"type"\s*:\s*"response\.(?:[a-z_]+\.delta|output_item\.(?:added|done))"')
ENDS = frozenset({"response.completed", "response.done", "response.incomplete"})


def make_tap(_: InboundWire, stream: bool) -> Tap:
    """A watcher for one relayed reply."""
    return StreamTap() if stream else BodyTap()


class StreamTap:
    """Watches a stream."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None
        self._tail = b""

    def feed(self, data: bytes) -> bytes:
        seen = self._tail + data if self._tail else data
        end = _last_boundary(seen)
        events, self._tail = seen[:end], seen[end:]
        if events:
            self._watch(events)
        self.whole = not self._tail
        return data

    def _watch(self, events: bytes) -> None:
        if not self.content and ANSWER.search(events):
            self.content = True
        if TELLING.search(events):
            for event in SSESplitter().feed(events):
                if TELLING.search(event.data) and (said := _object(event.data)) is not None:
                    self._note(said, event.data)

    def _note(self, event: dict[str, Json], data: bytes) -> None:
        response = object_of(event.get("response"))
        if event.get("type") in ENDS:
            self.finished = True
        elif event.get("type") == "response.failed":
            self.error = self.error or failure_of(response.get("error") or {}, data)
        elif event.get("type") == "error":
            self.error = self.error or failure_of(event.get("error") or event, data)
        if isinstance(usage := response.get("usage"), dict):
            self.usage = read_usage(usage)


class BodyTap:
    """Watches one whole JSON body; it is finished when it can be parsed."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = False
        self.usage: Usage | None = None
        self._body = b""

    def feed(self, data: bytes) -> bytes:
        self._body += data
        self.content = self.content or bool(data.strip())
        if data.rstrip().endswith(b"}") and (body := _object(self._body)) is not None:
            self.finished = True
            if body.get("error"):
                self.error = failure_of(body["error"], self._body)
            if isinstance(usage := body.get("usage"), dict):
                self.usage = read_usage(usage)
        return data


def _last_boundary(data: bytes) -> int:
    """Where the last whole event ends; 0 when none does."""
    ends = (data.rfind(b"\n\n") + 2, data.rfind(b"\r\n\r\n") + 4, data.rfind(b"\r\r") + 2)
    return max(end if end >= length else 0 for end, length in zip(ends, (2, 4, 2), strict=True))


def _object(data: bytes) -> dict[str, Json] | None:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
