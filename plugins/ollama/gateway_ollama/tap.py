"""Watch a relayed reply go by, in whole lines: an unfinished one waits for its end."""

from __future__ import annotations

import re

import orjson

from gateway.codec import Tap
from gateway.errors import GatewayError
from gateway.events import Usage
from gateway.model import Json
from gateway.wire import InboundWire
from gateway_ollama.errors import failure_of
from gateway_ollama.usage import read_usage

TELLING = re.compile(rb'"done"\s*:\s*true|"error"\s*:')
"""What makes a line worth parsing."""


def make_tap(_: InboundWire, stream: bool) -> Tap:
    """A watcher for one relayed reply."""
    return StreamTap() if stream else BodyTap()


class _Watch:
    """What has been seen."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None

    def look(self, line: bytes) -> bool:
        """Whether `line` is JSON; remember what it says of the end."""
        try:
            parsed: Json = orjson.loads(line)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(parsed, dict):
            return False
        if parsed.get("error"):
            self.error = failure_of(parsed)
        else:
            self.content = True
        if parsed.get("done") is True:
            self.finished = True
            self.usage = read_usage(parsed)
        return True


class StreamTap(_Watch):
    """Watches lines; nearly all pass without being parsed."""

    def __init__(self) -> None:
        super().__init__()
        self._tail = b""

    def feed(self, data: bytes) -> bytes:
        seen = self._tail + data if self._tail else data
        end = seen.rfind(b"\n") + 1
        passed, self._tail = seen[:end], seen[end:]
        if TELLING.search(passed):
            for line in passed.splitlines():
                if line.strip():
                    self.look(line)
        elif passed.strip():
            self.content = True
        if self._tail.endswith(b"}") and TELLING.search(self._tail) and self.look(self._tail):
            passed, self._tail = passed + self._tail, b""
        return passed


class BodyTap(_Watch):
    """Watches one whole body."""

    def feed(self, data: bytes) -> bytes:
        self.look(data)
        return data
