"""Watch a relayed Gemini reply go by."""

from __future__ import annotations

import orjson

from gateway.errors import GatewayError
from gateway.events import Usage
from gateway.model import Json
from gateway.sse import SSESplitter
from gateway_gemini.errors import error_of
from gateway_gemini.spelling import camel
from gateway_gemini.usage import read_usage

INTERESTING = (b"finish", b"usage", b'"error"', b"promptFeedback", b"prompt_feedback")


class StreamTap:
    """Follows server-sent events; parses only those that say something about the end."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None
        self._splitter = SSESplitter()

    def feed(self, data: bytes) -> bytes:
        for event in self._splitter.feed(data):
            if any(word in event.data for word in INTERESTING):
                self._look(event.data)
            elif b'"parts"' in event.data:
                self.content = True
        self.whole = data.endswith((b"\n\n", b"\r\n\r\n"))
        return data

    def _look(self, data: bytes) -> None:
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        if isinstance(parsed, dict):
            _watch(self, camel(parsed))


class BodyTap:
    """Follows one whole JSON body."""

    def __init__(self) -> None:
        self.content = False
        self.finished = False
        self.error: GatewayError | None = None
        self.whole = True
        self.usage: Usage | None = None

    def feed(self, data: bytes) -> bytes:
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError:
            return data
        if isinstance(parsed, dict):
            _watch(self, camel(parsed))
        return data


def _watch(tap: StreamTap | BodyTap, response: dict[str, Json]) -> None:
    if "error" in response:
        tap.error = error_of(response)
        return
    usage = response.get("usageMetadata")
    if isinstance(usage, dict):
        seen = read_usage(camel(usage))
        tap.usage = tap.usage.merged(seen) if tap.usage else seen
    candidates = response.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else ():
        if isinstance(candidate, dict):
            tap.content = tap.content or "content" in candidate
            tap.finished = tap.finished or bool(camel(candidate).get("finishReason"))
    feedback = response.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        tap.finished = tap.content = True
