"""A Newplugin provider's reply -> events: a line of JSON for each, or one list of them."""

from __future__ import annotations

import cattrs
import orjson

from gateway.errors import UpstreamError
from gateway.events import Event, Failure
from gateway.sse import EventTooLong, LineSplitter
from gateway.testing.corpus import words
from gateway.testing.grammar import Reading

WRONG = (cattrs.BaseValidationError, AttributeError, KeyError, TypeError, ValueError)


class Decoder:
    """Never raises: what can't be read ends the reply in a `Failure`."""

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        self._lines = LineSplitter()
        self._body = b""
        self._reading = Reading()

    def feed(self, data: bytes) -> list[Event]:
        if not self._stream:
            self._body += data
            return []
        try:
            return self._read(self._lines.feed(data))
        except EventTooLong:
            return self._end(UpstreamError.garbage("a line is too long"))

    def close(self) -> list[Event]:
        """The last events; a reply without its end was cut."""
        last = self._read(self._lines.close()) if self._stream else self._take(self._body)
        return [*last, *self._end(UpstreamError.truncated())]

    def _read(self, lines: list[bytes]) -> list[Event]:
        return [event for line in lines for event in self._take(b"[%s]" % line)]

    def _take(self, text: bytes) -> list[Event]:
        """The events of a JSON list, as far as they keep to the grammar."""
        taken: list[Event] = []
        if self._reading.ended:
            return taken
        try:
            events = words.read_events(orjson.loads(text))
        except WRONG as error:
            return self._end(UpstreamError.garbage(type(error).__name__))
        for event in events:
            self._reading.take(len(taken), event)
            if self._reading.found:
                self._reading.ended = False
                return [*taken, *self._end(UpstreamError.garbage(self._reading.found[0]))]
            taken.append(event)
        return taken

    def _end(self, error: UpstreamError) -> list[Event]:
        """A failure, unless the reply has ended already."""
        if self._reading.ended:
            return []
        self._reading.ended = True
        return [Failure(error)]
