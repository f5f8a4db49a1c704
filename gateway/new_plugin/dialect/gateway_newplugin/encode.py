"""Events -> a client's reply: a line of JSON for each, or one list of them."""

from __future__ import annotations

import orjson

from gateway.errors import UpstreamError
from gateway.events import Event, Failure, Finish, OpaqueEvent
from gateway.fold import collect, replay
from gateway.losses import Losses
from gateway.testing.corpus import words


class Encoder:
    """Writes as events come; a whole body when all have come."""

    def __init__(self, losses: Losses, *, stream: bool) -> None:
        self.content_type = "application/x-ndjson" if stream else "application/json"
        self._losses = losses
        self._stream = stream
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        for event in events:
            if isinstance(event, OpaqueEvent) and event.dialect != "newplugin":
                self._losses.add("reply", f"only {event.dialect} knows it")
        self._events += events
        if not self._stream:
            return b""
        return b"".join(orjson.dumps(line) + b"\n" for line in words.write_events(events))

    def close(self) -> bytes:
        """The rest. A cut reply gets an error: a clean end is never faked."""
        if not self._stream:
            return orjson.dumps(words.write_events(replay(collect(self._events))))
        if self._events and isinstance(self._events[-1], Finish | Failure):
            return b""
        return self.feed([Failure(UpstreamError.truncated())])
