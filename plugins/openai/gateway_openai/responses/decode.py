"""An upstream's reply as events, however its bytes are cut: a stream, or a whole JSON body.

Bad bytes never raise: the reply ends in one `Failure`. A stream is complete only with its terminal
event; a JSON body in place of a stream is read as a body.
"""

from __future__ import annotations

import orjson

from gateway.attempt import Attempt
from gateway.codec import Decoder
from gateway.errors import UpstreamError
from gateway.events import Event
from gateway.model import Json
from gateway.sse import MAX_EVENT, EventTooLong, ServerEvent, SSESplitter
from gateway_openai.responses.reply import ReplyReader

DONE = b"[DONE]"
BLANK = b"\xef\xbb\xbf \r\n\t"


def make_decoder(attempt: Attempt, stream: bool) -> Decoder:
    """A decoder for a streamed reply or a whole one."""
    return StreamDecoder(attempt) if stream else BodyDecoder(attempt)


class StreamDecoder:
    """Server-sent events, each with its type in its JSON."""

    def __init__(self, attempt: Attempt) -> None:
        self._reply = ReplyReader(attempt)
        self._splitter = SSESplitter()
        self._lead: bytes | None = b""
        self._first = b""
        self._body: BodyDecoder | None = None

    def feed(self, data: bytes) -> list[Event]:
        out: list[Event] = []
        if self._lead is not None and not (data := self._begin(data)):
            return out
        if self._body is not None:
            return self._body.feed(data)
        if self._reply.over:
            return out
        try:
            events = self._splitter.feed(data)
        except EventTooLong:
            self._reply.fail(UpstreamError.garbage(f"an event passed {MAX_EVENT} bytes"), out)
            return out
        for event in events:
            self._read(event, out)
        return out

    def close(self) -> list[Event]:
        if self._body is not None:
            return self._body.close()
        out: list[Event] = []
        if not self._reply.over:
            for event in self._splitter.close():
                if _object(event.data) is not None:
                    self._read(event, out)
        if self._first == b"<":
            self._reply.fail(UpstreamError.garbage("it is a page of HTML, not a stream"), out)
        self._reply.fail(UpstreamError.truncated(), out)
        return out

    def _begin(self, data: bytes) -> bytes:
        """Hold back until the first byte that says something, and see what the reply is."""
        whole = (self._lead or b"") + data
        said = whole.lstrip(BLANK)
        if not said:
            self._lead = whole[-len(BLANK) :] if whole else b""
            return b""
        self._lead, self._first = None, said[:1]
        if self._first in (b"{", b"["):
            self._body = BodyDecoder(self._reply.attempt)
            return said
        return whole

    def _read(self, event: ServerEvent, out: list[Event]) -> None:
        if self._reply.over or event.data == DONE or not event.data.strip():
            return
        said = _object(event.data)
        if said is None:
            self._reply.fail(UpstreamError.garbage("an event is not a JSON object"), out)
            return
        if "type" not in said and event.name:
            said["type"] = event.name
        self._reply.read(said, event.data, out)


class BodyDecoder:
    """A whole response."""

    def __init__(self, attempt: Attempt) -> None:
        self._reply = ReplyReader(attempt)
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        self._pieces.append(data)
        return []

    def close(self) -> list[Event]:
        out: list[Event] = []
        if self._reply.over:
            return out
        data = b"".join(self._pieces)
        body = _object(data)
        if body is None:
            what = "it is empty" if not data.strip() else f"it is not JSON: {_head(data)}"
            self._reply.fail(UpstreamError.garbage(what), out)
        else:
            self._reply.read_body(body, data, out)
        return out


def _object(data: bytes) -> dict[str, Json] | None:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _head(data: bytes) -> str:
    return data[:80].decode("utf-8", "replace")
