"""A Gemini model's reply -> events.

A stream is server-sent events (or, without `alt=sse`, one JSON array), each a whole
`GenerateContentResponse` with the next parts. There is no terminal event: `finishReason` ends it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartKind,
    PartStart,
    Sealed,
    Start,
    UsageSeen,
)
from gateway.model import NO_EXTRA, Extra, Fields, Json, Seal
from gateway.sse import EventTooLong, SSESplitter
from gateway_gemini.errors import error_of
from gateway_gemini.names import DIALECT, REASON_OF
from gateway_gemini.spelling import camel
from gateway_gemini.usage import read_usage

CANDIDATE = frozenset({"content", "finishReason", "index"})
RESPONSE = frozenset({"candidates", "usageMetadata", "modelVersion", "responseId"})


class Reader:
    """Turns parsed responses into events; keeps which part is open."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._started = False
        self._index = -1
        self._open: PartKind | None = None
        self._called = False
        self._reason: str | None = None
        self._extra: dict[str, Json] = {}
        self.done = False

    def read(self, response: Json) -> list[Event]:
        """The events of one response. A second call after `done` gives none."""
        if self.done:
            return []
        if not isinstance(response, dict):
            return self.fail(UpstreamError.garbage("a response that is no object"))
        if "error" in response:
            return self.fail(error_of(response))
        response = camel(response)
        events = self._start(response)
        usage = response.get("usageMetadata")
        for candidate in _objects(response.get("candidates")):
            events += self._candidate(camel(candidate))
        if isinstance(usage, dict):
            events.append(UsageSeen(read_usage(camel(usage))))
        self._extra.update({k: v for k, v in response.items() if k not in RESPONSE})
        feedback = response.get("promptFeedback")
        if isinstance(feedback, dict) and feedback.get("blockReason"):
            self._reason = self._reason or "PROHIBITED_CONTENT"
        return events

    def close(self) -> list[Event]:
        """The end: `Finish` where a reason was given, a failure where the reply was cut."""
        if self.done:
            return []
        if self._reason is None:
            return self.fail(UpstreamError.truncated())
        self.done = True
        reason = REASON_OF.get(self._reason, "stop")
        if self._called and reason == "stop":
            reason = "tool_use"
        if REASON_OF.get(self._reason) != "stop" or self._reason != "STOP":
            self._extra["$reason"] = self._reason
        extra: Extra = {DIALECT: Fields(self._extra, ())} if self._extra else NO_EXTRA
        return [*self._end(), Finish(reason, extra=extra)]

    def fail(self, error: UpstreamError) -> list[Event]:
        self.done = True
        return [Failure(error)]

    def _start(self, response: dict[str, Json]) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [Start(_text(response.get("responseId")), _text(response.get("modelVersion")))]

    def _candidate(self, candidate: dict[str, Json]) -> list[Event]:
        events: list[Event] = []
        content = candidate.get("content")
        if isinstance(content, dict):
            for part in _objects(content.get("parts")):
                events += self._part(part)
        reason = candidate.get("finishReason")
        if isinstance(reason, str):
            self._reason = reason
        self._extra.update({k: v for k, v in candidate.items() if k not in CANDIDATE})
        return events

    def _part(self, raw: dict[str, Json]) -> list[Event]:
        part = camel(raw)
        signature = part.get("thoughtSignature")
        if isinstance(part.get("functionCall"), dict):
            return self._call(camel(part["functionCall"]), signature)
        text = part.get("text")
        if isinstance(text, str) or (text is None and signature and len(part) == 1):
            return self._grow("thinking" if part.get("thought") else "text", text or "", signature)
        if isinstance(part.get("inlineData"), dict):
            return self._media(camel(part["inlineData"]), signature)
        self._index += 1
        return [*self._end(), OpaqueEvent(DIALECT, raw, self._index)]

    def _grow(self, kind: PartKind, text: str, signature: Json) -> list[Event]:
        events: list[Event] = []
        if self._open != kind:
            events = [*self._end(), self._begin(kind)]
        if text:
            events.append(Delta(self._index, text))
        if signature:
            events += [self._sealed(signature), *self._end()]
        return events

    def _call(self, call: dict[str, Json], signature: Json) -> list[Event]:
        self._called = True
        events = self._end()
        lowered = str(call.get("name") or "")
        registry = self._attempt.registry
        args = call.get("args")
        text = "" if args is None else orjson.dumps(args).decode()
        start = self._begin("tool_call")
        start.id = _text(call.get("id")) or "call_" + secrets.token_hex(12)
        start.name = registry.raise_(lowered)
        start.tool = "custom" if registry.is_custom(lowered) else "function"
        events.append(start)
        if text:
            events.append(Delta(self._index, registry.raise_arguments(lowered, text)))
        if signature:
            events.append(self._sealed(signature))
        return [*events, *self._end()]

    def _media(self, blob: dict[str, Json], signature: Json) -> list[Event]:
        events = self._end()
        start = self._begin("media")
        start.mime = _text(blob.get("mimeType"))
        events += [start, Delta(self._index, str(blob.get("data") or ""))]
        if signature:
            events.append(self._sealed(signature))
        return [*events, *self._end()]

    def _begin(self, kind: PartKind) -> PartStart:
        self._index += 1
        self._open = kind
        return PartStart(self._index, kind)

    def _end(self) -> list[Event]:
        if self._open is None:
            return []
        self._open = None
        return [PartEnd(self._index)]

    def _sealed(self, signature: Json) -> Event:
        target = self._attempt.target
        return Sealed(self._index, Seal(str(signature), DIALECT, target.upstream, target.model))


class StreamDecoder:
    """Reads server-sent events, or the JSON array that comes without `alt=sse`."""

    def __init__(self, attempt: Attempt) -> None:
        self._reader = Reader(attempt)
        self._splitter = SSESplitter()
        self._seen = b""
        self._is_json: bool | None = None

    def feed(self, data: bytes) -> list[Event]:
        if self._is_json is not False:
            self._seen += data
            if not self._decide():
                return []
            data = self._seen
        try:
            split = self._splitter.feed(data)
        except EventTooLong:
            return self._reader.fail(UpstreamError.garbage("an event without end"))
        return [event for one in split for event in _parsed(self._reader, one.data)]

    def close(self) -> list[Event]:
        if self._is_json is not False:
            return [*_parsed(self._reader, self._seen), *self._reader.close()]
        events = [e for one in self._splitter.close() for e in _parsed(self._reader, one.data)]
        return [*events, *self._reader.close()]

    def _decide(self) -> bool:
        """Whether this is a stream of events. A JSON body is kept until the end."""
        start = self._seen.lstrip()[:1]
        if not start:
            return False
        if self._is_json is None:
            self._is_json = start in (b"{", b"[", b"<")
        return not self._is_json


class BodyDecoder:
    """Reads one whole JSON body."""

    def __init__(self, attempt: Attempt) -> None:
        self._reader = Reader(attempt)
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        self._pieces.append(data)
        return []

    def close(self) -> list[Event]:
        return [*_parsed(self._reader, b"".join(self._pieces)), *self._reader.close()]


def decoder(attempt: Attempt, stream: bool) -> StreamDecoder | BodyDecoder:
    """The decoder for a streamed reply, or for a whole body."""
    make: Callable[[Attempt], StreamDecoder | BodyDecoder]
    make = StreamDecoder if stream else BodyDecoder
    return make(attempt)


def _parsed(reader: Reader, data: bytes) -> list[Event]:
    if reader.done or not data.strip():
        return []
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        return reader.fail(UpstreamError.garbage("what should be JSON is not"))
    if isinstance(parsed, list):
        return [event for one in parsed for event in reader.read(one)]
    return reader.read(parsed)


def _objects(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
