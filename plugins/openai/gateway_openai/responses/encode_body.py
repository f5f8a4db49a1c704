"""Events as one response object, for a client that did not ask for a stream."""

from __future__ import annotations

from collections.abc import Callable
from time import time

import orjson

from gateway.events import Delta, Event, Finish, OpaqueEvent, PartEnd, PartStart, Sealed, Start
from gateway.fold import collect, replay
from gateway.losses import Losses
from gateway.model import ChatRequest
from gateway_openai.responses.encode import Reply, Said
from gateway_openai.responses.encode_items import inner_opening


class BodyEncoder:
    """A writer that gives the whole body at the end."""

    content_type = "application/json"

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._reply = Reply(request, losses, now)
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        self._events += events
        return b""

    def close(self) -> bytes:
        """The response. Raises the error of a failed or cut reply."""
        whole = collect(self._events)
        self._reply.usage = whole.usage
        for event in self._events:
            if isinstance(event, OpaqueEvent) and event.index is None:
                list(self._reply.opaque(event))
        for event in replay(whole):
            list(self._told(event))
        return orjson.dumps(self._reply.response)

    def _told(self, event: Event) -> Said:
        reply = self._reply
        match event:
            case Start():
                yield from reply.begin(event)
            case PartStart():
                yield from reply.open(event)
            case Delta():
                reply.items[event.index].pieces.append(event.text)
                yield from inner_opening(reply.items[event.index])
            case Sealed():
                reply.items[event.index].seal = event.seal
            case PartEnd():
                yield from reply.end(event)
            case OpaqueEvent():
                yield from reply.opaque(event)
            case Finish():
                yield from reply.finish(event)
