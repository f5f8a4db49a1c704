"""An upstream's reply as events, streamed or whole.

Servers that imitate Claude answer a whole body to a request for a stream, leave out
`message_stop`, the `input` of a tool's start, or its id (llama.cpp, seen 2026-11). A reply counts
as finished when its stop reason was given; anything less is a cut reply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import ClassVar, TypeAlias

import orjson

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    Ping,
    Start,
    UsageSeen,
)
from gateway.model import NO_EXTRA, Extra, Fields, Json
from gateway.sse import EventTooLong, ServerEvent, SSESplitter
from gateway_claude.decode_blocks import Blocks
from gateway_claude.errors import read_error_event
from gateway_claude.names import NAME, finish_of
from gateway_claude.runs import END, Template, template
from gateway_claude.usage import ESTIMATED, merge, read_usage

Reader: TypeAlias = Callable[["ReplyDecoder", dict[str, Json], list[Event]], None]
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)
"""What a reply of the wrong shape raises here; orjson's error is a ValueError."""
MESSAGE = frozenset(
    ["id", "type", "role", "content", "model", "stop_reason", "stop_sequence", "usage"]
)
FINISH = ("stop_details", "container", "context_management")
"""Fields that a stream gives with its end, and a body at its top."""
AT_TOP = MESSAGE.union(FINISH)

DELTA = "content_block_delta"
DELTA_TYPE = b'"content_block_delta"'
BORDERS = ("content_block_start", "content_block_stop")


class ReplyDecoder:
    """Reads a reply. The first byte that is no white space tells a body from a stream."""

    def __init__(self, attempt: Attempt) -> None:
        self._blocks = Blocks(attempt)
        self._splitter = SSESplitter()
        self._head = b""
        self._body: list[bytes] | None = None
        self._streaming = False
        self._started = False
        self._opened = 0
        self._numbers: dict[int, int] = {}
        self._renumbers = False
        self._done = False
        self._seen = False
        self._alike: Template | None = None
        self._at_event = False
        self._usage: dict[str, Json] = {}
        self._finish: dict[str, Json] = {}

    def feed(self, data: bytes) -> list[Event]:
        if self._done:
            return []
        if self._body is not None:
            self._body.append(data)
            return []
        if not self._streaming:
            data = self._head = self._head + data
            first = data.lstrip()[:1]
            if not first:
                return []
            if first in b"{[":
                self._body = [data]
                return []
            if first == b"<":
                return self._fail(UpstreamError.garbage("it is a web page"))
            self._streaming, self._head = True, b""
        return self._read_stream(data)

    def close(self) -> list[Event]:
        if self._done:
            return []
        if self._body is not None:
            return self._close_body(b"".join(self._body))
        events = self._read_all(self._splitter.close())
        if self._done:
            return events
        if self._finish.get("stop_reason"):
            return [*events, *self._finished()]
        if self._head or (self._streaming and not self._seen):
            return [*events, *self._fail(UpstreamError.garbage("it holds no event"))]
        return [*events, *self._fail(UpstreamError.truncated())]

    # --- a stream ---

    def _read_stream(self, data: bytes) -> list[Event]:
        """Runs of deltas are read together, what stands between them event by event."""
        out: list[Event] = []
        learned = True
        while data and not self._done:
            alike = self._alike
            if alike is not None and self._at_event and data.startswith(alike.head):
                run, end = alike.lead(data)
                if run is None:
                    return out + self._split(data)
                out += run
                learned = True
            else:
                end = _careful(data, alike) if learned else len(data)
                out += self._split(data[:end])
                learned = False
            data = data[end:]
        return out

    def _split(self, data: bytes) -> list[Event]:
        self._at_event = data.endswith(END)
        try:
            return self._read_all(self._splitter.feed(data))
        except EventTooLong:
            return self._fail(UpstreamError.garbage("one of its events never ends"))

    def _read_all(self, raw_events: list[ServerEvent]) -> list[Event]:
        out: list[Event] = []
        for event in raw_events:
            if self._done:
                break
            try:
                self._read(event, out)
            except UNREADABLE as error:
                out += self._fail(UpstreamError.garbage(f"a bad event ({type(error).__name__})"))
        return out

    def _read(self, event: ServerEvent, out: list[Event]) -> None:
        if event.data == b"[DONE]":
            return
        raw = orjson.loads(event.data)
        self._seen = True
        kind = raw.get("type") or event.name
        read = self._readers.get(kind)
        if read is not None:
            read(self, raw, out)
            if kind in BORDERS:
                self._alike = None
            elif kind == DELTA:
                self._learn(event, raw)
        elif "error" in raw:
            out += self._fail(read_error_event(raw))
        elif not self._started:
            out += self._fail(UpstreamError.garbage("an unknown event before message_start"))
        else:
            out.append(OpaqueEvent(NAME, raw))

    def _message_start(self, raw: dict[str, Json], out: list[Event]) -> None:
        message = raw["message"]
        if not self._started:
            self._start(message, out)
        self._count(message.get("usage"), out)

    def _start(self, message: dict[str, Json], out: list[Event]) -> None:
        self._started = True
        self._blocks.reply_id = message.get("id") or ""
        extra = _said({key: value for key, value in message.items() if key not in AT_TOP})
        out.append(Start(message.get("id"), message.get("model"), extra=extra))

    def _block_start(self, raw: dict[str, Json], out: list[Event]) -> None:
        self._need_start(out)
        out += self._blocks.start(self._numbered(raw["index"]), raw["content_block"])

    def _numbered(self, index: Json) -> int:
        """The number of a block that opens: in order, whatever the upstream counts from."""
        if type(index) is not int:
            raise TypeError(index)
        number = self._opened
        self._opened += 1
        self._numbers[index] = number
        self._renumbers = self._renumbers or index != number
        return number

    def _block_delta(self, raw: dict[str, Json], out: list[Event]) -> None:
        index, delta = raw["index"], raw["delta"]
        if self._renumbers:
            index = self._numbers[index]
        if delta["type"] == "text_delta" and index in self._blocks.plain:
            if delta["text"]:
                out.append(Delta(index, delta["text"]))
            return
        self._need_start(out)
        if type(index) is not int:
            raise TypeError(index)
        if not self._renumbers and index not in self._numbers:
            index = self._numbered(index)
        out += self._blocks.delta(index, delta)

    def _learn(self, event: ServerEvent, raw: dict[str, Json]) -> None:
        """Remember what the deltas of the block that now grows look like."""
        index, known = raw["index"], self._alike
        if self._renumbers:
            return
        if known is None or known.index != index:
            key = self._blocks.growing(index, raw["delta"])
            self._alike = template(event.name, event.data, raw, key) if key else None

    def _block_stop(self, raw: dict[str, Json], out: list[Event]) -> None:
        out += self._blocks.stop(self._numbers[raw["index"]])

    def _message_delta(self, raw: dict[str, Json], out: list[Event]) -> None:
        self._need_start(out)
        skip = ("type", "delta", "usage")
        rest = {key: value for key, value in raw.items() if key not in skip}
        for key, value in {**rest, **(raw.get("delta") or {})}.items():
            if value is not None:
                self._finish[key] = value
        self._count(raw.get("usage"), out)

    def _message_stop(self, _raw: dict[str, Json], out: list[Event]) -> None:
        self._need_start(out)
        out += self._finished()

    def _ping(self, _raw: dict[str, Json], out: list[Event]) -> None:
        out.append(Ping())

    def _error(self, raw: dict[str, Json], out: list[Event]) -> None:
        out += self._fail(read_error_event(raw))

    def _need_start(self, out: list[Event]) -> None:
        if not self._started:
            self._start({}, out)

    def _count(self, raw: Json, out: list[Event]) -> None:
        """A guess waits for the end, in case the provider's own count still comes."""
        if raw:
            self._usage = merge(self._usage, raw)
            if not self._usage.get(ESTIMATED):
                out.append(UsageSeen(read_usage(self._usage)))

    # --- a whole body ---

    def _close_body(self, body: bytes) -> list[Event]:
        out: list[Event] = []
        try:
            raw = orjson.loads(body)
        except orjson.JSONDecodeError:
            return self._fail(UpstreamError.garbage("its JSON is broken or cut"))
        try:
            if "error" in raw and "content" not in raw:
                return self._fail(read_error_event(raw))
            self._read_body(raw, out)
        except UNREADABLE as error:
            out += self._fail(UpstreamError.garbage(f"a bad body ({type(error).__name__})"))
        return out

    def _read_body(self, raw: dict[str, Json], out: list[Event]) -> None:
        content = raw["content"]
        self._start(raw, out)
        for index, block in enumerate(content):
            out += self._blocks.start(index, block)
            out += self._blocks.stop(index)
        for key in ("stop_reason", "stop_sequence", *FINISH):
            if raw.get(key) is not None:
                self._finish[key] = raw[key]
        self._count(raw.get("usage"), out)
        out += self._finished()

    # --- the end ---

    def _finished(self) -> list[Event]:
        self._done = True
        rest = dict(self._finish)
        reason = finish_of(rest.pop("stop_reason", None), called=self._blocks.called)
        sequence = rest.pop("stop_sequence", None)
        guessed = self._usage.get(ESTIMATED)
        usage: list[Event] = [UsageSeen(read_usage(self._usage))] if guessed else []
        return [*self._blocks.stop_all(), *usage, Finish(reason, sequence, _said(rest))]

    def _fail(self, error: UpstreamError) -> list[Event]:
        self._done = True
        return [Failure(error)]

    _readers: ClassVar[Mapping[str, Reader]] = MappingProxyType(
        {
            "content_block_delta": _block_delta,
            "content_block_start": _block_start,
            "content_block_stop": _block_stop,
            "message_start": _message_start,
            "message_delta": _message_delta,
            "message_stop": _message_stop,
            "ping": _ping,
            "error": _error,
        }
    )


def decoder(attempt: Attempt, stream: bool) -> ReplyDecoder:  # noqa: ARG001 - a contract
    """The decoder for a reply; it finds out itself whether the reply is a stream."""
    return ReplyDecoder(attempt)


def _careful(data: bytes, alike: Template | None) -> int:
    """Bytes to read event by event: to where a run starts, or past what shows how one looks."""
    if alike is not None:
        at = data.find(END + alike.head)
    else:
        first = data.find(DELTA_TYPE)
        at = data.find(END, first) if first != -1 else -1
    return at + len(END) if at != -1 else len(data)


def _said(fields: dict[str, Json]) -> Extra:
    """The fields that say something, as extra; null says nothing."""
    said = {key: value for key, value in fields.items() if value is not None}
    return {NAME: Fields(said, ())} if said else NO_EXTRA
