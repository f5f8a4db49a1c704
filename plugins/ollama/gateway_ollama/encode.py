"""Events -> the lines that an Ollama client reads.

Every line is a whole reply with the next pieces; the last has `done: true`. Calls are written when
they are whole, in the order in which they began: clients take each for a call of its own. The
constant parts of a line are bytes made once.
"""

from __future__ import annotations

from collections.abc import Callable
from time import time

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
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.losses import Losses
from gateway.model import NO_EXTRA, ChatRequest, Extra, Json
from gateway_ollama.ending import Clock, head_of, last_fields, message_fields, note_start
from gateway_ollama.errors import error_line
from gateway_ollama.fields import note_reply
from gateway_ollama.shapes import shape_of
from gateway_ollama.write_call import write_call

STREAM = "application/x-ndjson"
NO_PLACE = "Ollama has no place for signatures"
REDACTED = "reply.thinking.data"
NO_REDACTED = "Ollama has no thoughts that only their model can read"


@define
class _Whole:
    """A part that is told when it is whole: a call, or an image."""

    start: PartStart
    pieces: list[str] = field(factory=list)
    ended: bool = False
    extra: Extra = NO_EXTRA

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class LineEncoder:
    """A streaming writer for one exchange."""

    content_type = STREAM

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._request = request
        self._losses = losses
        self._now = now
        self._clock = Clock(now())
        self._shape = shape_of(request)
        self._head = b""
        self._before: dict[int, bytes] = {}
        self._whole: dict[int, _Whole] = {}
        self._calls: list[_Whole] = []
        self._told = 0
        self._usage: Usage | None = None
        self._over = False

    def feed(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        after = self._shape.after
        for event in events:
            if type(event) is not Delta:
                self._write(event, out)
            elif event.index in self._before:
                if event.text:
                    out += (self._before[event.index], orjson.dumps(event.text), after)
            else:
                self._whole[event.index].pieces.append(event.text)
        return b"".join(out)

    def close(self) -> bytes:
        return b"" if self._over else self.feed([Failure(UpstreamError.truncated())])

    def _write(self, event: Event, out: list[bytes]) -> None:
        match event:
            case Start():
                self._begin(event)
            case PartStart():
                self._open(event)
            case Sealed(seal=seal) if seal.value:
                self._losses.add_seal("reply.seal", NO_PLACE, "hint")
            case PartEnd():
                self._end(event, out)
            case UsageSeen():
                self._usage = self._usage.merged(event.usage) if self._usage else event.usage
            case Finish():
                self._finish(event, out)
            case Failure():
                self._fail(event.error, out)
            case OpaqueEvent():
                self._losses.add("reply", f"a piece that only {event.dialect} knows")
            case Ping() | Delta() | Sealed():
                pass

    def _begin(self, start: Start) -> None:
        """Make the head that every line shares."""
        note_start(start, self._losses)
        head = head_of(start, self._request, self._now())
        self._head = orjson.dumps(head)[:-1] + b","

    def _open(self, start: PartStart) -> None:
        if not self._head:
            self._begin(Start())
        if self._clock.began is None:
            self._clock.began = self._now()
        note_reply(start.extra, self._losses)
        if start.redacted:
            self._losses.add(REDACTED, NO_REDACTED, "hint")
        if start.kind in ("text", "thinking"):
            shape = self._shape
            before = shape.text if start.kind == "text" else shape.thought
            self._before[start.index] = self._head + before
            return
        self._whole[start.index] = part = _Whole(start, extra=start.extra)
        if start.kind == "tool_call":
            self._calls.append(part)

    def _end(self, end: PartEnd, out: list[bytes]) -> None:
        part = self._whole.get(end.index)
        if part is None:
            note_reply(end.extra, self._losses)
            return
        part.ended, part.extra = True, {**part.extra, **end.extra}
        if part.start.kind == "tool_call":
            self._tell_calls(out)
        else:
            self._line({"images": [part.text]}, out)

    def _tell_calls(self, out: list[bytes]) -> None:
        """Write the calls that are whole, as far as no earlier one is still growing."""
        ready: list[Json] = []
        for number, call in enumerate(self._calls[self._told :], self._told):
            if not call.ended:
                break
            start = call.start
            ready.append(
                write_call(number, start.id, start.name, call.text, call.extra, self._losses)
            )
        self._told += len(ready)
        if ready:
            self._line({"tool_calls": ready}, out)

    def _line(self, more: dict[str, Json], out: list[bytes]) -> None:
        fields = orjson.dumps(self._shape.fields("", more))
        out += (self._head, fields[1:-1], b',"done":false}\n')

    def _finish(self, finish: Finish, out: list[bytes]) -> None:
        self._over = True
        if not self._head:
            self._begin(Start())
        durations = self._clock.durations(self._now())
        last = {
            **self._shape.fields("", message_fields(finish)),
            **last_fields(finish, self._usage, durations, self._losses),
        }
        out += (self._head, orjson.dumps(last)[1:], b"\n")

    def _fail(self, error: GatewayError, out: list[bytes]) -> None:
        self._over = True
        out.append(error_line(error))
