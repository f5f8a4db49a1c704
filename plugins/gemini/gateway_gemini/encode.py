"""Events -> a Gemini client's reply.

Clients break on comment lines and on `data:` without its space, and take a stream without a
`finishReason` for an empty answer (Gemini CLI 0.61, google-genai 3.4, seen 2026-11).
"""

from __future__ import annotations

import orjson
from attrs import define, field

from gateway.errors import GatewayError, UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.model import Json, Seal, note, own
from gateway.seals import tagged
from gateway.sse import sse
from gateway_gemini.errors import error_body
from gateway_gemini.names import DIALECT, REASON_TO
from gateway_gemini.usage import write_usage

GROWING = ("text", "thinking")


@define
class _Part:
    start: PartStart
    pieces: list[str] = field(factory=list)
    seal: Seal | None = None


class Responses:
    """Turns events into `GenerateContentResponse` objects; a call is written when it is whole."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._id: str | None = None
        self._parts: dict[int, _Part] = {}
        self._usage: Usage | None = None
        self.ended = False
        self.error: GatewayError | None = None

    def take(self, events: list[Event]) -> list[dict[str, Json]]:
        """The responses that `events` make: at most one with content, and the last one."""
        parts: list[Json] = []
        last: Finish | None = None
        for event in events:
            match event:
                case Delta():
                    self._grow(event, parts)
                case PartStart():
                    self._parts[event.index] = _Part(event)
                case PartEnd():
                    self._whole(event.index, parts)
                case Sealed():
                    self._parts[event.index].seal = event.seal
                case OpaqueEvent(dialect="gemini", index=int()):
                    parts.append(event.raw)
                case UsageSeen():
                    self._usage = self._usage.merged(event.usage) if self._usage else event.usage
                case Start():
                    self._id, self._model = event.id, event.model or self._model
                case Finish():
                    last = event
                case Failure():
                    self.error, self.ended = event.error, True
        if last is not None:
            self.ended = True
            return [self._response(parts, last)]
        return [self._response(parts, None)] if parts else []

    def _grow(self, event: Delta, parts: list[Json]) -> None:
        part = self._parts[event.index]
        if part.start.kind not in GROWING:
            part.pieces.append(event.text)
            return
        thought = part.start.kind == "thinking"
        before = parts[-1] if parts else None
        if before and "text" in before and "thoughtSignature" not in before:
            if before.get("thought", False) == thought:
                before["text"] += event.text
                return
        parts.append({"text": event.text, **({"thought": True} if thought else {})})

    def _whole(self, index: int, parts: list[Json]) -> None:
        part = self._parts.pop(index)
        signature = _signature(part.seal)
        match part.start.kind:
            case "tool_call":
                parts.append({"functionCall": _call(part), **signature})
            case "media":
                mime = part.start.mime or "application/octet-stream"
                data = {"mimeType": mime, "data": "".join(part.pieces)}
                parts.append({"inlineData": data, **signature})
            case "text" if signature:
                parts.append({"text": "", **signature})
            case "thinking" if signature:
                parts.append({"text": "", "thought": True, **signature})

    def _response(self, parts: list[Json], last: Finish | None) -> dict[str, Json]:
        candidate: dict[str, Json] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        response: dict[str, Json] = {"candidates": [candidate]}
        if last is not None:
            said = note(last.extra, DIALECT, "reason")
            candidate["finishReason"] = said or REASON_TO[last.reason]
            candidate.update(_of_candidate(last))
            response.update(_of_response(last))
            response["usageMetadata"] = write_usage(self._usage or Usage())
        response["modelVersion"] = self._model
        if self._id:
            response["responseId"] = self._id
        return response


class StreamEncoder:
    """Writes server-sent events."""

    content_type = "text/event-stream"

    def __init__(self, model: str) -> None:
        self._responses = Responses(model)
        self._failed = False

    def feed(self, events: list[Event]) -> bytes:
        written = b"".join([sse(orjson.dumps(one)) for one in self._responses.take(events)])
        return written + self._failure()

    def close(self) -> bytes:
        if not self._responses.ended:
            self._responses.take([Failure(UpstreamError.truncated())])
        return self._failure()

    def _failure(self) -> bytes:
        error = self._responses.error
        if error is None or self._failed:
            return b""
        self._failed = True
        return sse(orjson.dumps(error_body(error)))


class ArrayEncoder:
    """Writes the JSON array that a stream without `alt=sse` is."""

    content_type = "application/json"

    def __init__(self, model: str) -> None:
        self._responses = Responses(model)
        self._begun = False

    def feed(self, events: list[Event]) -> bytes:
        return b"".join([self._item(one) for one in self._responses.take(events)])

    def close(self) -> bytes:
        if not self._responses.ended:
            self._responses.take([Failure(UpstreamError.truncated())])
        error = self._responses.error
        last = self._item(error_body(error)) if error else b""
        return last + (b"]" if self._begun else b"[]")

    def _item(self, response: dict[str, Json]) -> bytes:
        start = b",\r\n" if self._begun else b"["
        self._begun = True
        return start + orjson.dumps(response)


class BodyEncoder:
    """Writes one JSON body at the end. Raises the error of a failure."""

    content_type = "application/json"

    def __init__(self, model: str) -> None:
        self._responses = Responses(model)
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        self._events += events
        return b""

    def close(self) -> bytes:
        written = self._responses.take(self._events)
        if self._responses.error:
            raise self._responses.error
        if not self._responses.ended:
            raise UpstreamError.truncated()
        return orjson.dumps(written[-1])


def _call(part: _Part) -> dict[str, Json]:
    text = "".join(part.pieces)
    try:
        args = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        args = {"input": text}
    call: dict[str, Json] = {"name": part.start.name}
    if part.start.id:
        call["id"] = part.start.id
    return {**call, "args": args if isinstance(args, dict) else {"input": args}}


def _signature(seal: Seal | None) -> dict[str, str]:
    """A seal tagged with its issuer: the client gives it back to us as it is."""
    return {"thoughtSignature": tagged(seal)} if seal else {}


OF_CANDIDATE = frozenset(
    [
        *("safetyRatings", "citationMetadata", "groundingMetadata", "avgLogprobs"),
        *("logprobsResult", "urlContextMetadata", "tokenCount", "finishMessage"),
        "groundingAttributions",
    ]
)


def _of_candidate(last: Finish) -> dict[str, Json]:
    return {k: v for k, v in own(last.extra, DIALECT).items() if k in OF_CANDIDATE}


def _of_response(last: Finish) -> dict[str, Json]:
    return {k: v for k, v in own(last.extra, DIALECT).items() if k not in OF_CANDIDATE}
