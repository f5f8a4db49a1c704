"""A toy dialect with both faces, to try the kit on: the smallest plugin that keeps every law.

A request is a `ChatRequest` in the corpus's JSON, without `top_k`; a streamed reply is one line of
JSON for each event, a whole reply one JSON list of them. Nobody speaks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import cattrs
import orjson

from gateway.attempt import Attempt
from gateway.context import Context
from gateway.errors import BadRequest, GatewayError, UpstreamError, kind_of_status
from gateway.events import Delta, Event, Failure, Finish, OpaqueEvent, Usage, UsageSeen
from gateway.fold import collect, replay
from gateway.hooks import Backend, Dialect, Endpoint, RouteFacts, hookimpl
from gateway.losses import Losses, note_foreign
from gateway.model import ChatRequest, Json
from gateway.sse import EventTooLong, LineSplitter
from gateway.testing import grammar
from gateway.testing.comparing import blanked
from gateway.testing.corpus.words import (
    read_events,
    read_request,
    write_events,
    write_request,
)
from gateway.wire import InboundWire, UpstreamWire, WireReply

NAME = "toy"


class Toy:
    """The plugin; a mutant replaces one of its classes or methods."""

    decoder: ClassVar[type]
    encoder: ClassVar[type]
    tap: ClassVar[type]

    @hookimpl
    def register_dialects(self) -> list[Dialect]:
        endpoint = Endpoint("POST", "/toy/chat", NAME, "chat")
        lines = "application/x-ndjson"
        tap = lambda wire, stream: self.tap()  # noqa: E731 - a mutant's tap is its class's
        return [Dialect(NAME, [endpoint], self.facts, tap=tap, stream_type=lines)]

    @hookimpl
    def register_backends(self) -> list[Backend]:
        return [
            Backend(
                NAME,
                speaks=NAME,
                write_request=self.write,
                decoder=lambda attempt, stream: self.decoder(stream),
                read_error=self.read_error,
            )
        ]

    def facts(self, wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
        request = self.read(wire)
        return RouteFacts(request.model, bool(request.stream))

    @hookimpl
    def parse_inbound(self, endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest:
        return self.read(wire)

    def read(self, wire: InboundWire) -> ChatRequest:
        try:
            return read_request(wire.json())
        except (cattrs.BaseValidationError, AttributeError, KeyError, TypeError, ValueError):
            raise BadRequest("the body is not a toy request", param="body") from None

    def write(self, request: ChatRequest, attempt: Attempt) -> UpstreamWire:
        note_foreign(request, NAME, attempt.losses)
        if request.sampling.top_k is not None:
            attempt.losses.add("sampling.top_k", "toys have no top_k", "meaning")
        body = write_request(blanked(request, {"Sampling.top_k"}))
        return UpstreamWire("/chat", {**body, "model": attempt.target.model})

    def read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> UpstreamError:
        try:
            message = str(orjson.loads(body)["error"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            message = "the toy failed"
        return UpstreamError(
            message, status=status, kind=kind_of_status(status), body=body, dialect=NAME
        )

    @hookimpl
    def encode_stream(self, endpoint: Endpoint, request: ChatRequest, context: Context) -> Json:
        return self.encoder(bool(request.stream), context.losses)

    @hookimpl
    def encode_error(self, dialect: str, error: GatewayError) -> WireReply:
        return WireReply(orjson.dumps({"error": error.message}), error.status)


class ToyDecoder:
    def __init__(self, stream: bool) -> None:
        self.stream = stream
        self.lines = LineSplitter()
        self.body = b""
        self.ended = False
        self.events: list[Event] = []

    def feed(self, data: bytes) -> list[Event]:
        if not self.stream:
            self.body += data
            return []
        try:
            return self._take(b"[%s]" % b",".join(self.lines.feed(data)))
        except EventTooLong:
            return self._take(b"")

    def close(self) -> list[Event]:
        text = b"[%s]" % b",".join(self.lines.close()) if self.stream else self.body
        events = self._take(text)
        if self.ended:
            return events
        self.ended = True
        return [*events, Failure(UpstreamError.truncated())]

    def _take(self, text: bytes) -> list[Event]:
        """The events of a JSON list, as far as they keep to the grammar."""
        if self.ended:
            return []
        try:
            events = read_events(orjson.loads(text))
        except (cattrs.BaseValidationError, AttributeError, KeyError, TypeError, ValueError) as why:
            return self._fail(type(why).__name__)
        self.events += events
        self.ended = any(isinstance(event, Finish | Failure) for event in events)
        wrong = grammar.complaints(self.events)
        if wrong and (self.ended or "end without" not in wrong[0]):
            self.ended = False
            return self._fail(wrong[0])
        return events

    def _fail(self, what: str) -> list[Event]:
        self.ended = True
        return [Failure(UpstreamError.garbage(what))]


class ToyEncoder:
    def __init__(self, stream: bool, losses: Losses) -> None:
        self.content_type = "application/x-ndjson" if stream else "application/json"
        self.stream = stream
        self.losses = losses
        self.events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        for event in events:
            if isinstance(event, OpaqueEvent) and event.dialect != NAME:
                self.losses.add("reply", f"only {event.dialect} knows it")
        self.events += events
        return b"".join(orjson.dumps(line) + b"\n" for line in write_events(events)) * self.stream

    def close(self) -> bytes:
        if not self.stream:
            return orjson.dumps(write_events(replay(collect(self.events))))
        if self.events and isinstance(self.events[-1], Finish | Failure):
            return b""
        return self.feed([Failure(UpstreamError.truncated())])


class ToyTap:
    content = finished = False
    error: GatewayError | None = None
    whole = True
    usage: Usage | None = None

    def __init__(self) -> None:
        self.lines = LineSplitter()

    def feed(self, data: bytes) -> bytes:
        self.whole = data.endswith(b"\n")
        for line in self.lines.feed(data):
            match read_events([orjson.loads(line)])[0]:
                case Delta():
                    self.content = True
                case UsageSeen(usage):
                    self.usage = usage
                case Finish():
                    self.finished = True
                case Failure(error):
                    self.error = error
        return data


Toy.decoder, Toy.encoder, Toy.tap = ToyDecoder, ToyEncoder, ToyTap
