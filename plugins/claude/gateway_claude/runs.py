"""Runs of events that differ in their text alone: most of a streamed reply.

They are read together, and as bytes. Everything that looks different in any way is left to the
careful reader, which parses event by event.
"""

from __future__ import annotations

import orjson
from attrs import field, frozen

from gateway.events import Delta, Event
from gateway.model import Json

END = b"\n\n"
PROBE = "\0"


def run_end(data: bytes, head: bytes) -> int:
    """Where the last whole event ends that starts with `head`, or where a begun one starts."""
    last = data.rfind(head)
    return data.find(END, last) + len(END) or last


@frozen
class Template:
    """One delta that was read, without its text.

    index: of the block that grows. head: all of the event's bytes before the text's JSON.
    tail: all after it, the blank line included.
    """

    index: int
    head: bytes
    tail: bytes
    joint: bytes = field(init=False)

    @joint.default
    def _joint(self) -> bytes:
        return self.tail + self.head

    def read(self, run: bytes) -> list[Event] | None:
        """The events of `run`; None unless all of it is such deltas and whole."""
        if not run.endswith(self.tail):
            return None
        inner, count = run[len(self.head) : -len(self.tail)], 1
        if b"\n" in inner:
            count = run.count(END)
            inner = inner.replace(self.joint, b",")
            if b"\n" in inner:
                return None
        try:
            texts = orjson.loads(b"[%b]" % inner)
            "".join(texts)
        except (orjson.JSONDecodeError, TypeError):
            return None
        index = self.index
        return [Delta(index, text) for text in texts if text] if len(texts) == count else None

    def lead(self, data: bytes) -> tuple[list[Event] | None, int]:
        """The events of the run that `data`, which starts with `head`, begins with; its length."""
        whole = self.read(data)
        if whole is not None:
            return whole, len(data)
        end = run_end(data, self.head)
        return self.read(data[:end]), end


def template(name: str, data: bytes, raw: dict[str, Json], key: str) -> Template | None:
    """The template of the delta event `raw`, whose text is `raw["delta"][key]`.

    None where its text can't be told from the rest of `data`.
    """
    text = orjson.dumps(raw["delta"][key])
    head, found, tail = data.rpartition(text)
    if not found or b"\n" in data or type(raw["index"]) is not int:
        return None
    other = {**raw, "delta": {**raw["delta"], key: PROBE}}
    try:
        if orjson.loads(head + orjson.dumps(PROBE) + tail) != other:
            return None
    except orjson.JSONDecodeError:
        return None
    line = b"event: %b\ndata: " % name.encode() if name else b"data: "
    return Template(raw["index"], line + head, tail + END)
