"""Events as a client of this dialect reads them, streamed or in one body.

Claude's stream holds its blocks one after the other, numbered from 0, each opened and closed.
Parts that interleave wait for their turn; a part that never gets content gets no block, because
clients send back what they got and Claude refuses empty text.
"""

from __future__ import annotations

import secrets

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.estimate import PER_ASCII, estimate_tokens
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.fold import collect
from gateway.model import ChatRequest, Json, own
from gateway.sse import sse
from gateway_claude.encode_blocks import Block, ReplyLosses, block_of, content_of
from gateway_claude.errors import error_event
from gateway_claude.names import NAME, stop_reason_of
from gateway_claude.usage import write_usage

PING = b'event: ping\ndata: {"type": "ping"}\n\n'
STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
BESIDE_DELTA = ("context_management",)
"""Fields of a stream's end that stand beside its `delta`, not in it."""


class StreamEncoder:
    """Writes a stream, one bytes object for each batch of events."""

    content_type = "text/event-stream"

    def __init__(self, request: ChatRequest, attempt: Attempt) -> None:
        self._request = request
        self._losses = ReplyLosses(attempt.losses)
        self._attempt = attempt
        self._start: Start | None = None
        self._head_sent = False
        self._usage: Usage | None = None
        self._live: Block | None = None
        self._waiting: dict[int, list[Event]] = {}
        self._blocks = 0
        self._called = False
        self._characters = 0
        self._done = False

    def feed(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        for event in events:
            live = self._live
            if type(event) is Delta and live is not None and live.index == event.index:
                self._characters += len(event.text)
                out.append(live.delta(event.text))
            elif self._done:
                break
            else:
                self._write(event, out)
        if self._start is not None and not self._head_sent and not self._done:
            self._write_head(out)
        return b"".join(out)

    def close(self) -> bytes:
        """The error of a cut reply, when the end never came."""
        if self._done:
            return b""
        self._done = True
        return error_event(UpstreamError.truncated())

    def _write(self, event: Event, out: list[bytes]) -> None:
        match event:
            case Delta() | PartStart() | Sealed() | PartEnd():
                self._write_head(out)
                self._write_part(event, out)
            case Start():
                self._start = event
                self._losses.note(event.extra, "reply")
            case UsageSeen():
                self._usage = self._usage.merged(event.usage) if self._usage else event.usage
            case OpaqueEvent():
                self._write_head(out)
                self._write_opaque(event, out)
            case Ping():
                out.append(PING)
            case Finish():
                self._write_head(out)
                self._write_end(event, out)
            case Failure():
                self._done = True
                out.append(error_event(event.error))

    # --- the head and the end ---

    def _write_head(self, out: list[bytes]) -> None:
        if self._head_sent:
            return
        self._head_sent = True
        usage = self._usage
        if usage is None or usage.input is None:
            usage = Usage(input=estimate_tokens(self._request), output=0, source="estimated")
        message = {
            **_head(self._start or Start(), self._request),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": write_usage(usage),
        }
        out.append(_event("message_start", message=message))

    def _write_end(self, finish: Finish, out: list[bytes]) -> None:
        self._end_live(out)
        while self._waiting:
            self._next(out)
            self._end_live(out)
        self._done = True
        self._losses.note(finish.extra, "reply")
        more = own(finish.extra, NAME)
        delta = {
            "stop_reason": stop_reason_of(finish.reason, called=self._called),
            "stop_sequence": finish.stop_sequence,
            **{key: value for key, value in more.items() if key not in BESIDE_DELTA},
        }
        beside = {key: more[key] for key in BESIDE_DELTA if key in more}
        out.append(_event("message_delta", delta=delta, usage=self._last_usage(), **beside))
        out.append(STOP)

    def _last_usage(self) -> dict[str, Json]:
        return write_usage(self._usage or guessed_usage(self._request, self._characters))

    # --- parts ---

    def _write_part(self, event: Delta | PartStart | Sealed | PartEnd, out: list[bytes]) -> None:
        live = self._live
        if isinstance(event, PartStart):
            if live is None:
                out.append(self._open(event))
            else:
                self._waiting[event.index] = [event]
        elif live is None or event.index != live.index:
            self._waiting.get(event.index, []).append(event)
        elif isinstance(event, Delta):  # of a part that waited
            self._characters += len(event.text)
            out.append(live.delta(event.text))
        elif isinstance(event, Sealed):
            out.append(live.seal(event.seal))
        elif isinstance(event, PartEnd):
            self._losses.note(event.extra, f"reply.parts[{event.index}]")
            out.append(live.end(event.extra))
            self._close_live()
            self._catch_up(out)

    def _open(self, start: PartStart) -> bytes:
        self._called = self._called or start.kind == "tool_call"
        self._losses.note(start.extra, f"reply.parts[{start.index}]")
        self._live = block_of(start, self._blocks, self._attempt)
        return self._live.begin()

    def _close_live(self) -> None:
        if self._live is not None and self._live.opened:
            self._blocks += 1
        self._live = None

    def _end_live(self, out: list[bytes]) -> None:
        """Close the live block, whose part was never closed."""
        if self._live is not None:
            out.append(self._live.end({}))
            self._close_live()

    def _catch_up(self, out: list[bytes]) -> None:
        """Write the parts that waited, as far as one that is still open."""
        while self._live is None and self._waiting:
            self._next(out)

    def _next(self, out: list[bytes]) -> None:
        index = min(self._waiting)
        events = self._waiting.pop(index)
        others, self._waiting = self._waiting, {}
        for event in events:
            if isinstance(event, OpaqueEvent):
                self._write_opaque_block(event, out)
            elif isinstance(event, Delta | PartStart | Sealed | PartEnd):
                self._write_part(event, out)
        self._waiting = {**self._waiting, **others}

    def _write_opaque(self, event: OpaqueEvent, out: list[bytes]) -> None:
        if event.dialect != NAME:
            self._losses.foreign(event)
        elif event.index is None:
            out.append(sse(orjson.dumps(event.raw), event.raw.get("type", "message")))
        elif self._live is not None:
            self._waiting[event.index] = [event]
        else:
            self._write_opaque_block(event, out)

    def _write_opaque_block(self, event: OpaqueEvent, out: list[bytes]) -> None:
        """A block that came whole, written as Claude streams such blocks."""
        block, at = event.raw, {"index": self._blocks}
        given = block.get("input")
        start = {**block, "input": {}} if isinstance(given, dict) else block
        out.append(_event("content_block_start", **at, content_block=start))
        if given:
            delta = {"type": "input_json_delta", "partial_json": orjson.dumps(given).decode()}
            out.append(_event("content_block_delta", **at, delta=delta))
        out.append(_event("content_block_stop", **at))
        self._blocks += 1


class BodyEncoder:
    """Writes one JSON body when all events are there."""

    content_type = "application/json"

    def __init__(self, request: ChatRequest, attempt: Attempt) -> None:
        self._request = request
        self._attempt = attempt
        self._losses = ReplyLosses(attempt.losses)
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        self._events += events
        return b""

    def close(self) -> bytes:
        """The body. Raises the error of a `Failure`, and UpstreamError for a cut reply."""
        reply = collect(self._events)
        finish = reply.finish
        for event in self._events:
            if isinstance(event, OpaqueEvent) and event.dialect != NAME:
                self._losses.foreign(event)
        for extra in (reply.extra, finish.extra):
            self._losses.note(extra, "reply")
        content = content_of(reply.parts, self._attempt, self._losses)
        called = any(block.get("type") == "tool_use" for block in content)
        characters = sum(len(event.text) for event in self._events if isinstance(event, Delta))
        start = Start(reply.id, reply.model, extra=reply.extra)
        body = {
            **_head(start, self._request),
            "content": content,
            "stop_reason": stop_reason_of(finish.reason, called=called),
            "stop_sequence": finish.stop_sequence,
            **own(finish.extra, NAME),
            "usage": write_usage(reply.usage or guessed_usage(self._request, characters)),
        }
        return orjson.dumps(body)


def guessed_usage(request: ChatRequest, characters: int) -> Usage:
    """A guess, marked as one, for an upstream that counts nothing."""
    output = round(characters * PER_ASCII)
    return Usage(input=estimate_tokens(request), output=output, source="estimated")


def encoder(request: ChatRequest, attempt: Attempt) -> StreamEncoder | BodyEncoder:
    """The encoder that the client asked for."""
    return StreamEncoder(request, attempt) if request.stream else BodyEncoder(request, attempt)


def _head(start: Start, request: ChatRequest) -> dict[str, Json]:
    return {
        "id": start.id or f"msg_{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": start.model or request.model,
        **own(start.extra, NAME),
    }


def _event(name: str, **fields: Json) -> bytes:
    return sse(orjson.dumps({"type": name, **fields}), name)
