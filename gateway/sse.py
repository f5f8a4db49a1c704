"""Server-sent events and NDJSON without any socket: split what arrives, write what goes out.

Server-sent events as in the WHATWG HTML standard, section 9.2 (read 2026-11): lines end in CR, LF
or CRLF; `data` lines of one event join with LF; comment lines start with a colon.
"""

from __future__ import annotations

from attrs import define

MAX_EVENT = 32 << 20
"""The longest single event, in bytes; an upstream that sends more is broken."""


class EventTooLong(Exception):
    """A single event or line passed MAX_EVENT bytes."""


@define
class ServerEvent:
    """One event. `name` is "" without an `event:` line; comments alone make no event."""

    name: str
    data: bytes


class SSESplitter:
    """Cuts a byte stream into events. Bytes are never decoded before an event is whole."""

    def __init__(self) -> None:
        self._tail = b""
        self._first = True

    def feed(self, data: bytes) -> list[ServerEvent]:
        """The events that `data` completes. Raises EventTooLong."""
        data = self._tail + data if self._tail else data
        if self._first:
            if b"\xef\xbb\xbf".startswith(data[:3]) and len(data) < 3:
                self._tail = data
                return []
            data, self._first = data.removeprefix(b"\xef\xbb\xbf"), False
        if b"\r" in data:
            data, held = _plain_lines(data)
        else:
            held = b""
        blocks = data.split(b"\n\n")
        self._tail = blocks.pop() + held
        if len(self._tail) > MAX_EVENT:
            raise EventTooLong
        return [event for block in blocks if (event := read_event(block))]

    def take(self) -> bytes:
        """The unfinished event, which the splitter forgets."""
        tail, self._tail = self._tail, b""
        return tail

    def close(self) -> list[ServerEvent]:
        """The event that the stream's end leaves unfinished, if it has data at all.

        The standard drops it; providers that forget the last blank line are common, and a cut
        event fails to parse as JSON, so nothing false gets through.
        """
        block = self._tail.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._tail = b""
        event = read_event(block)
        return [event] if event else []


class LineSplitter:
    """Cuts a byte stream into the lines of NDJSON; blank lines are skipped."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises EventTooLong."""
        *lines, self._tail = (self._tail + data).split(b"\n")
        if len(self._tail) > MAX_EVENT:
            raise EventTooLong
        return [line for raw in lines if (line := raw.strip())]

    def close(self) -> list[bytes]:
        """The last line, when the stream did not end in a line break."""
        line, self._tail = self._tail.strip(), b""
        return [line] if line else []


@define
class _Block:
    name: str = ""
    data: list[bytes] | None = None


def read_event(block: bytes) -> ServerEvent | None:
    """One event, without the blank line that ends it; None when it is comments alone."""
    if block.startswith(b"data: ") and b"\n" not in block:
        return ServerEvent("", block[6:])
    if block.startswith(b"event: ") and block.count(b"\n") == 1:
        name, found_data, data = block[7:].partition(b"\ndata: ")
        if found_data:
            return ServerEvent(name.decode("utf-8", "replace"), data)
    return _any_event(block)


def sse(data: bytes, name: str = "") -> bytes:
    """Write one event. `data` must be one line, as JSON without indentation is."""
    if name:
        return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
    return b"data: %s\n\n" % data


def comment(text: str = "") -> bytes:
    """Write a comment, which readers skip: a keep-alive."""
    return b": %s\n\n" % text.encode()


def _plain_lines(data: bytes) -> tuple[bytes, bytes]:
    """`data` with LF line ends, and a last CR that may be half of a CRLF, held back."""
    held = b"\r" if data.endswith(b"\r") else b""
    body = data[: len(data) - len(held)]
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), held


def _any_event(block: bytes) -> ServerEvent | None:
    """An event of any form: several lines of data, comments, fields in any order."""
    found = _Block()
    for line in block.split(b"\n"):
        _read_line(line, found)
    if found.data is None:
        return None
    return ServerEvent(found.name, b"\n".join(found.data))


def _read_line(line: bytes, found: _Block) -> None:
    label, _, value = line.partition(b":")
    value = value.removeprefix(b" ")
    if label == b"data":
        found.data = [*(found.data or ()), value]
    elif label == b"event":
        found.name = value.decode("utf-8", "replace")
