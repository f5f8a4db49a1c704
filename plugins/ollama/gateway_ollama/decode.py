"""An Ollama server's reply -> events.

A stream is lines of JSON, each a whole reply with the next pieces; the last has `done: true`, and
counts and times. A whole body is such a line with everything. /api/generate says `response` where
/api/chat has a `message`. Calls come whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson
from attrs import define, field

from gateway.attempt import Attempt
from gateway.errors import UpstreamError
from gateway.events import Delta, Event, Failure, Finish, PartEnd, PartStart, Start, UsageSeen
from gateway.model import NO_EXTRA, Extra, Fields, Json
from gateway.sse import EventTooLong, LineSplitter
from gateway_ollama.calls import made_id
from gateway_ollama.errors import failure_of
from gateway_ollama.fields import unknown, with_notes
from gateway_ollama.media import mime_of
from gateway_ollama.names import DIALECT, FINISH_IN, FINISH_OUT
from gateway_ollama.usage import ESTIMATED, INPUT, OUTPUT, read_usage

LINE = frozenset(
    {
        *("model", "created_at", "message", "response", "thinking", "tool_calls", "image"),
        *("done", "done_reason", "error", INPUT, OUTPUT, ESTIMATED),
    }
)
MESSAGE = frozenset({"role", "content", "thinking", "tool_calls", "images"})
CALL = frozenset({"id", "function"})
FUNCTION = frozenset({"index", "name", "arguments"})


def new_seed() -> str:
    """What the ids of a reply's calls come from, when it does not say when it was made."""
    return secrets.token_hex(12)


@define
class ReplyReader:
    """One reply, as far as it has come. over: its end has come, and nothing after it counts.

    Calls without an id get one that no other reply's calls have: from the time of the first line.
    """

    attempt: Attempt
    new_seed: Callable[[], str] = new_seed
    over: bool = False
    _started: bool = False
    _parts: int = 0
    _growing: str = ""
    _called: bool = False
    _seed: str = ""
    _rest: dict[str, Json] = field(factory=dict)

    def read(self, line: Json, out: list[Event]) -> None:
        """Read one line of a stream, or a whole body."""
        if self.over:
            return
        if not isinstance(line, dict):
            self.fail(UpstreamError.garbage("a line that is no object"), out)
        elif line.get("error"):
            self.fail(failure_of(line), out)
        else:
            self._start(line, out)
            self._read_pieces(line, out)
            if line.get("done") is True and not self.over:
                self._finish(line, out)

    def fail(self, error: UpstreamError, out: list[Event]) -> None:
        """End the reply in an error, once."""
        if not self.over:
            self.over = True
            out.append(Failure(error))

    def _start(self, line: dict[str, Json], out: list[Event]) -> None:
        if self._started:
            return
        self._started = True
        created = _text(line.get("created_at"))
        self._seed = created or self.new_seed()
        extra = with_notes(NO_EXTRA, (), created=created or None)
        out.append(Start(None, _text(line.get("model")) or None, extra=extra))

    def _read_pieces(self, line: dict[str, Json], out: list[Event]) -> None:
        said = line.get("message")
        message = said if isinstance(said, dict) else line
        content = message.get("content") if message is said else line.get("response")
        self._grow("thinking", _text(message.get("thinking")), out)
        self._grow("text", _text(content), out)
        for image in _listed(message.get("images") if message is said else [line.get("image")]):
            self._image(image, out)
        for call in _listed(message.get("tool_calls")):
            self._call(call, out)
        self._keep(line, message if message is said else {})

    def _grow(self, kind: str, text: str, out: list[Event]) -> None:
        if not text:
            return
        if self._growing != kind:
            self._end(out)
            self._growing = kind
            out.append(PartStart(self._parts, "thinking" if kind == "thinking" else "text"))
            self._parts += 1
        out.append(Delta(self._parts - 1, text))

    def _end(self, out: list[Event]) -> None:
        if self._growing:
            out.append(PartEnd(self._parts - 1))
            self._growing = ""

    def _image(self, image: Json, out: list[Event]) -> None:
        if not isinstance(image, str) or not image:
            return
        self._end(out)
        index, self._parts = self._parts, self._parts + 1
        start = PartStart(index, "media", mime=mime_of(image))
        out += [start, Delta(index, image), PartEnd(index)]

    def _call(self, call: Json, out: list[Event]) -> None:
        function = _object(call.get("function") if isinstance(call, dict) else None)
        name = _text(function.get("name"))
        if not name:
            self.fail(UpstreamError.garbage("a tool call has no name"), out)
        if self.over:
            return
        self._end(out)
        self._called = True
        index, self._parts = self._parts, self._parts + 1
        registry = self.attempt.registry
        said = _arguments(function.get("arguments"))
        arguments = registry.raise_arguments(name, said)
        start = PartStart(
            index,
            "tool_call",
            id=_text(call.get("id")) or made_id((self._seed, index), name, said),
            name=registry.raise_(name),
            tool="custom" if registry.is_custom(name) else "function",
        )
        pieces: list[Event] = [Delta(index, arguments)] if arguments else []
        extra = unknown(call, CALL, ("tool_calls",), {"function": FUNCTION})
        out += [start, *pieces, PartEnd(index, extra)]

    def _keep(self, line: dict[str, Json], message: dict[str, Json]) -> None:
        """What the hub has no name for; lists (`logprobs`) go on from line to line."""
        found = {name: value for name, value in line.items() if name not in LINE}
        found.update((f"message.{k}", v) for k, v in message.items() if k not in MESSAGE)
        for name, value in found.items():
            before = self._rest.get(name)
            if isinstance(before, list) and isinstance(value, list):
                self._rest[name] = before + value
            elif value is not None:
                self._rest[name] = value

    def _finish(self, line: dict[str, Json], out: list[Event]) -> None:
        self._end(out)
        self.over = True
        usage = read_usage(line)
        if usage is not None:
            out.append(UsageSeen(usage))
        said = _text(line.get("done_reason"))
        reason = FINISH_IN.get(said, "stop")
        extra: Extra = {DIALECT: Fields(self._rest, ())} if self._rest else NO_EXTRA
        known = FINISH_OUT.get(reason) == said or not said
        extra = with_notes(extra, (), reason=None if known else said)
        out.append(Finish("tool_use" if self._called and reason == "stop" else reason, extra=extra))


class StreamDecoder:
    """Reads the lines of a stream."""

    def __init__(self, attempt: Attempt, seed: Callable[[], str] = new_seed) -> None:
        self._reader = ReplyReader(attempt, seed)
        self._splitter = LineSplitter()

    def feed(self, data: bytes) -> list[Event]:
        out: list[Event] = []
        if self._reader.over:
            return out
        try:
            lines = self._splitter.feed(data)
        except EventTooLong:
            self._reader.fail(UpstreamError.garbage("a line without end"), out)
            return out
        for line in lines:
            _read(self._reader, line, out)
        return out

    def close(self) -> list[Event]:
        out: list[Event] = []
        for line in self._splitter.close():
            _read(self._reader, line, out)
        self._reader.fail(UpstreamError.truncated(), out)
        return out


class BodyDecoder:
    """Reads one whole body."""

    def __init__(self, attempt: Attempt, seed: Callable[[], str] = new_seed) -> None:
        self._reader = ReplyReader(attempt, seed)
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> list[Event]:
        self._pieces.append(data)
        return []

    def close(self) -> list[Event]:
        out: list[Event] = []
        _read(self._reader, b"".join(self._pieces), out)
        self._reader.fail(UpstreamError.truncated(), out)
        return out


def make_decoder(attempt: Attempt, stream: bool) -> StreamDecoder | BodyDecoder:
    """The decoder for a streamed reply, or for a whole body."""
    return StreamDecoder(attempt) if stream else BodyDecoder(attempt)


def _read(reader: ReplyReader, data: bytes, out: list[Event]) -> None:
    if reader.over or not data.strip():
        return
    try:
        line = orjson.loads(data)
    except orjson.JSONDecodeError:
        reader.fail(UpstreamError.garbage("what should be JSON is not"), out)
        return
    reader.read(line, out)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _arguments(value: Json) -> str:
    """A call's arguments as JSON text; "" for none. Some servers send the text itself."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
