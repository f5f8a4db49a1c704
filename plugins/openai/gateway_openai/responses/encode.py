"""Events as a client's stream of Responses events.

`Reply` turns the hub's events into this dialect's, numbered by nobody yet; the stream writes them
out, and the body keeps only the last. A delta is written from bytes that were made once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from gateway.model import ChatRequest, Json
from gateway.sse import comment, sse
from gateway_openai.chat.reply_fields import REFUSED
from gateway_openai.responses.encode_items import (
    DELTAS,
    Item,
    Wire,
    closing,
    inner_opening,
    item_id,
    kind_of,
    opening,
)
from gateway_openai.responses.errors import error_event, response_error
from gateway_openai.responses.fields import DIALECT, with_notes
from gateway_openai.responses.offered import Offered
from gateway_openai.responses.response import finished, new_response, note_reply_extra
from gateway_openai.responses.usage import write_usage

Said = Iterator[tuple[str, Wire]]
"""Events of this dialect: the type, and the fields but `type` and `sequence_number`."""


@define
class Reply:
    """One reply in the making. response: the object around it; None before it begins."""

    request: ChatRequest
    losses: Losses
    now: Callable[[], float]
    response: Wire | None = None
    items: dict[int, Item] = field(factory=dict)
    output: dict[int, Json] = field(factory=dict)
    usage: Usage | None = None
    refused: bool = False
    _next: int = 0
    _offered: Offered | None = None

    def begin(self, start: Start) -> Said:
        """The events that begin a response; once."""
        if self.response is None:
            note_reply_extra(start.extra, self.losses)
            self.response = new_response(self.request, start, self.now())
            yield "response.created", {"response": self.response}
            yield "response.in_progress", {"response": self.response}

    def open(self, start: PartStart) -> Said:
        """A part opens: an item is added."""
        yield from self.begin(Start())
        assert self.response is not None
        note_reply_extra(start.extra, self.losses)
        called = None
        if start.kind == "tool_call":
            self._offered = self._offered or Offered(self.request.tools)
            called = self._offered.find(start.name or "", start.namespace, start.tool)
        kind = kind_of(start, called)
        at = self._take()
        made = Item(start, at, item_id(self.response["id"], kind, at, start), kind, called)
        made.wraps = kind == "custom" and start.tool == "function"
        self.refused = self.refused or kind == "refusal"
        self.items[start.index] = made
        yield from opening(made)

    def end(self, end: PartEnd) -> Said:
        """A part closes: its item is done."""
        item = self.items.pop(end.index)
        note_reply_extra(end.extra, self.losses)
        item.extra = end.extra
        if item.seal is not None and item.seal.value and item.start.kind != "thinking":
            place = f"reply.parts[{end.index}].seal"
            self.losses.add_seal(place, "only reasoning has a place for a seal")
        for kind, fields in closing(item):
            if kind == "response.output_item.done":
                self.output[item.at] = fields["item"]
            yield kind, fields

    def opaque(self, event: OpaqueEvent) -> Said:
        """A whole item that only one dialect knows."""
        if event.dialect != DIALECT or event.index is None:
            self.losses.add("reply", f"a piece that only {event.dialect} knows")
            return
        yield from self.begin(Start())
        at = self._take()
        self.output[at] = event.raw
        yield "response.output_item.added", {"output_index": at, "item": event.raw}
        yield "response.output_item.done", {"output_index": at, "item": event.raw}

    def finish(self, finish: Finish) -> Said:
        """The reply ends well, and with it all that is still open."""
        yield from self.begin(Start())
        for index in sorted(self.items):
            yield from self.end(PartEnd(index))
        if finish.reason == "refusal" and not self.refused:
            yield from self._refusal()
        note_reply_extra(finish.extra, self.losses)
        response = finished(self._begun, finish, self._listed(), self._counted())
        self.response = response
        yield f"response.{response['status']}", {"response": response}

    def fail(self, error: GatewayError) -> Said:
        """The reply ends in an error, with what it holds so far."""
        yield from self.begin(Start())
        end = {"status": "failed", "error": response_error(error), "output": self._listed()}
        yield "response.failed", {"response": {**self._begun, **end, "usage": self._counted()}}

    @property
    def _begun(self) -> Wire:
        assert self.response is not None
        return self.response

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    def _listed(self) -> list[Json]:
        return [self.output[at] for at in sorted(self.output)]

    def _counted(self) -> Json:
        return write_usage(self.usage) if self.usage is not None else None

    def _refusal(self) -> Said:
        """Say that the model refused, where it did so without a word."""
        start = PartStart(-1, "text", extra=with_notes({}, (), type="refusal"))
        yield from self.open(start)
        self.items[-1].pieces.append(REFUSED)
        yield DELTAS["refusal"], {**self.items[-1].place, "delta": REFUSED}
        yield from self.end(PartEnd(-1))


class StreamEncoder:
    """A streaming writer for one exchange."""

    content_type = "text/event-stream"

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._reply = Reply(request, losses, now)
        self._heads: dict[int, bytes] = {}
        self._number = 0
        self._over = False

    def feed(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        for event in events:
            if type(event) is Delta:
                self._grow(event, out)
            else:
                self._write(event, out)
        return b"".join(out)

    def close(self) -> bytes:
        if self._over:
            return b""
        return self.feed([Failure(UpstreamError.truncated())])

    def _write(self, event: Event, out: list[bytes]) -> None:
        reply = self._reply
        match event:
            case Start():
                self._tell(reply.begin(event), out)
            case PartStart():
                self._tell(reply.open(event), out)
            case Sealed():
                reply.items[event.index].seal = event.seal
            case PartEnd():
                self._tell(reply.end(event), out)
            case UsageSeen():
                reply.usage = reply.usage.merged(event.usage) if reply.usage else event.usage
            case Finish():
                self._over = True
                self._tell(reply.finish(event), out)
            case Failure():
                self._fail(event.error, out)
            case Ping():
                out.append(comment("ping"))
            case OpaqueEvent():
                self._tell(reply.opaque(event), out)
            case Delta():
                pass

    def _grow(self, delta: Delta, out: list[bytes]) -> None:
        item = self._reply.items[delta.index]
        item.pieces.append(delta.text)
        if item.wraps or item.kind == "image" or not delta.text:
            return
        head = self._heads.get(delta.index)
        if head is None:
            self._tell(inner_opening(item), out)
            head = self._heads[delta.index] = _delta_head(item)
        out += (head, orjson.dumps(delta.text), b',"sequence_number":%d}\n\n' % self._number)
        self._number += 1

    def _tell(self, said: Said, out: list[bytes]) -> None:
        for kind, fields in said:
            data = {"type": kind, "sequence_number": self._number, **fields}
            self._number += 1
            out.append(sse(orjson.dumps(data), kind))

    def _fail(self, error: GatewayError, out: list[bytes]) -> None:
        """The error, and the response that failed: SDKs raise the one, Codex reads the other."""
        self._over = True
        self._tell(self._reply.begin(Start()), out)
        out.append(sse(orjson.dumps(error_event(error, self._number)), "error"))
        self._number += 1
        self._tell(self._reply.fail(error), out)


def _delta_head(item: Item) -> bytes:
    """All of a delta's event before its text."""
    kind = DELTAS[item.kind]
    more: Wire = {"logprobs": []} if item.kind == "text" else {}
    data = orjson.dumps({"type": kind, **item.place, **more})[:-1]
    return b'event: %s\ndata: %s,"delta":' % (kind.encode(), data)
