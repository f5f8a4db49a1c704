"""An upstream's reply as events, however its bytes are cut: a stream, or a whole JSON body.

Bad bytes never raise: the reply ends in one `Failure`. A stream that ends without `[DONE]` is
complete when its finish reason has come (many providers leave `[DONE]` out); a JSON body in place
of a stream is read as a body.
"""

from __future__ import annotations

from collections.abc import Callable

import orjson

from gateway.attempt import Attempt
from gateway.codec import Decoder
from gateway.errors import UpstreamError
from gateway.events import Delta, Event
from gateway.model import Json
from gateway.sse import MAX_EVENT, EventTooLong, ServerEvent, SSESplitter, read_event
from gateway_openai.chat.alike import Alike
from gateway_openai.chat.calls import new_call_id
from gateway_openai.chat.errors import failure_of
from gateway_openai.chat.reply import ReplyReader

DONE = b"[DONE]"
BLANK = b"\xef\xbb\xbf \r\n\t"


def make_decoder(attempt: Attempt, stream: bool) -> Decoder:
    """A decoder for a streamed reply or a whole one."""
    return StreamDecoder(attempt) if stream else BodyDecoder(attempt)


class StreamDecoder:
    """Server-sent events of `chat.completion.chunk`."""

    def __init__(self, attempt: Attempt, new_id: Callable[[], str] = new_call_id) -> None:
        self._reply = ReplyReader(attempt, new_id)
        self._splitter = SSESplitter()
        self._alike = Alike()
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
        data = self._splitter.take() + data
        start = 0 if b"\r" in data else self._read_whole(data, out)
        try:
            events = self._splitter.feed(data[start:] if start else data)
        except EventTooLong:
            self._reply.fail(UpstreamError.garbage(f"an event passed {MAX_EVENT} bytes"), out)
            return out
        for event in events:
            if self._reply.over:
                break
            self._read(event, out)
        return out

    def close(self) -> list[Event]:
        if self._body is not None:
            return self._body.close()
        out: list[Event] = []
        if not self._reply.over:
            for event in self._splitter.close():
                if event.data == DONE or _object(event.data) is not None:
                    self._read(event, out)
        if self._reply.finished:
            self._reply.end(out)
        elif self._first == b"<":
            self._reply.fail(UpstreamError.garbage("it is a page of HTML, not a stream"), out)
        else:
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
            self._body = BodyDecoder(self._reply.attempt, self._reply.new_id)
        return said

    def _read_whole(self, data: bytes, out: list[Event]) -> int:
        """Read the whole events of `data`, whose lines end in LF; return where the rest begins."""
        start, alike = 0, self._alike
        while not self._reply.over:
            texts, start = alike.read(data, start)
            out += [Delta(alike.index, text) for text in texts if text]
            end = data.find(b"\n\n", start)
            if end < 0:
                break
            event = read_event(data[start:end])
            start = end + 2
            if event is not None:
                self._read(event, out)
        return start

    def _read(self, event: ServerEvent, out: list[Event]) -> None:
        if event.data == DONE:
            self._done(out)
            return
        if not event.data.strip():
            return
        chunk = _object(event.data)
        if chunk is None:
            self._reply.fail(UpstreamError.garbage("an event is not a JSON object"), out)
        elif event.name == "error" and not chunk.get("error"):
            self._reply.fail(failure_of(chunk, event.data), out)
        else:
            before = len(out)
            self._reply.read(chunk, out)
            self._learn(event, chunk, out[before:])

    def _learn(self, event: ServerEvent, chunk: dict[str, Json], said: list[Event]) -> None:
        one = said[0] if len(said) == 1 else None
        if type(one) is Delta and not event.name and self._reply.said_text_only(chunk):
            self._alike.learn(event.data, one.text, one.index)
        else:
            self._alike.forget()

    def _done(self, out: list[Event]) -> None:
        """The stream says that it is complete: true when something of an answer has come."""
        if self._reply.answered:
            self._reply.end(out)
        else:
            self._reply.fail(UpstreamError.truncated(), out)


class BodyDecoder:
    """A whole `chat.completion`."""

    def __init__(self, attempt: Attempt, new_id: Callable[[], str] = new_call_id) -> None:
        self._reply = ReplyReader(attempt, new_id)
        self._pieces: list[bytes] = []
        self._closed = False

    def feed(self, data: bytes) -> list[Event]:
        self._pieces.append(data)
        return []

    def close(self) -> list[Event]:
        out: list[Event] = []
        if not self._closed:
            self._closed = True
            self._read(b"".join(self._pieces), out)
        return out

    def _read(self, data: bytes, out: list[Event]) -> None:
        body = _loads(data)
        if isinstance(body, list) and body and isinstance(body[0], dict):
            body = body[0]
        if not isinstance(body, dict):
            what = "it is empty" if not data.strip() else f"it is not JSON: {_head(data)}"
            self._reply.fail(UpstreamError.garbage(what), out)
        elif not body.get("error") and not _has_choice(body):
            said = body.get("message") or body.get("detail") or "it has no choices"
            self._reply.fail(UpstreamError.garbage(str(said)[:300]), out)
        else:
            self._reply.read(body, out)
            self._reply.end(out)


def _has_choice(body: dict[str, Json]) -> bool:
    choices = body.get("choices")
    return isinstance(choices, list) and bool(choices) and isinstance(choices[0], dict)


def _object(data: bytes) -> dict[str, Json] | None:
    value = _loads(data)
    return value if isinstance(value, dict) else None


def _loads(data: bytes) -> Json:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def _head(data: bytes) -> str:
    return data[:80].decode("utf-8", "replace")
