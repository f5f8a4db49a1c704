"""Content blocks of a reply, as they are written: one after the other, or all in a body."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import orjson

from gateway.attempt import Attempt
from gateway.events import OpaqueEvent, PartStart
from gateway.losses import Losses
from gateway.model import (
    Extra,
    Json,
    Media,
    Opaque,
    Part,
    Seal,
    Text,
    Thinking,
    ToolCall,
    own,
)
from gateway.seals import tagged
from gateway_claude.arguments import CUSTOM, input_object
from gateway_claude.names import NAME
from gateway_claude.seals import unsigned

DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_call": ("input_json_delta", "partial_json"),
    "media": ("text_delta", "text"),
}


class ReplyLosses:
    """Records what of a reply Claude's wire has no place for."""

    def __init__(self, losses: Losses) -> None:
        self.ledger = losses

    def note(self, extra: Extra, place: str) -> None:
        """Record the fields that other dialects left."""
        for dialect, fields in extra.items():
            if dialect != NAME:
                for key in fields:
                    if not key.startswith("$"):
                        self.ledger.add(f"{place}.{key}", f"{NAME} has no such field")

    def foreign(self, event: OpaqueEvent) -> None:
        """Record a piece that another dialect alone understands."""
        weight = "hint" if event.index is None else "meaning"
        place = "reply" if event.index is None else f"reply.parts[{event.index}]"
        self.ledger.add(place, f"only {event.dialect} knows it", weight)  # type: ignore[arg-type]

    def seal(self, index: int) -> None:
        """Record state that only a thinking block could carry."""
        self.ledger.add_seal(f"reply.parts[{index}].seal", "Claude's wire has no place")


class Block:
    """One block in a stream. It opens with its first content, or at its end if it must be there."""

    def __init__(self, start: PartStart, number: int, attempt: Attempt) -> None:
        self.index = start.index
        self.opened = False
        self._start = start
        self._number = number
        self._attempt = attempt
        self._sealed = False
        kind, field = DELTAS[start.kind]
        self._prefix = (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
            b'"delta":{"type":"%s","%s":' % (number, kind.encode(), field.encode())
        )

    def begin(self) -> bytes:
        """What is written as soon as the part opens; b"" to wait for content."""
        return b""

    def delta(self, text: str) -> bytes:
        """The event of more text; b"" for none."""
        if not text:
            return b""
        written = self._prefix + orjson.dumps(text) + b"}}\n\n"
        return written if self.opened else self.open() + written

    def open(self, **fields: Json) -> bytes:
        """The event of the block's start; b"" when it has been written."""
        if self.opened:
            return b""
        self.opened = True
        block = {**self._block(), **fields, **self._more()}
        return self._event("content_block_start", content_block=block)

    def seal(self, seal: Seal) -> bytes:  # noqa: ARG002 - only thinking carries one
        """The event of the part's seal. A block that has no place for one records its loss."""
        ReplyLosses(self._attempt.losses).seal(self.index)
        return b""

    def end(self, extra: Extra) -> bytes:
        """The last events of the block."""
        citations = own(extra or self._start.extra, NAME).get("citations")
        cited = [{"type": "citations_delta", "citation": one} for one in citations or ()]
        before = self._before_end()
        if not self.opened:
            return b""
        events = [self._event("content_block_delta", delta=delta) for delta in cited]
        return before + b"".join(events) + self._event("content_block_stop")

    def _block(self) -> dict[str, Json]:
        return {"type": "text", "text": ""}

    def _before_end(self) -> bytes:
        return b""

    def _more(self) -> dict[str, Json]:
        fields = own(self._start.extra, NAME)
        return {key: value for key, value in fields.items() if key != "citations"}

    def _event(self, name: str, **fields: Json) -> bytes:
        data = orjson.dumps({"type": name, "index": self._number, **fields})
        return b"event: %s\ndata: %s\n\n" % (name.encode(), data)


class ThinkingBlock(Block):
    """Always closed with a signature: the model's own, or one that says there was none."""

    def seal(self, seal: Seal) -> bytes:
        self._sealed = True
        value = tagged(seal, NAME)
        if self._start.redacted:
            return self.open(data=value)
        delta = {"type": "signature_delta", "signature": value}
        return self.open() + self._event("content_block_delta", delta=delta)

    def _block(self) -> dict[str, Json]:
        if self._start.redacted:
            return {"type": "redacted_thinking"}
        return {"type": "thinking", "thinking": "", "signature": ""}

    def _before_end(self) -> bytes:
        if self._sealed or not self.opened:
            return b""
        return self.seal(unsigned(self._attempt.target))


class CallBlock(Block):
    """Opens at once: clients show the call while its arguments come."""

    def __init__(self, start: PartStart, number: int, attempt: Attempt) -> None:
        super().__init__(start, number, attempt)
        self._input: list[str] = []

    def begin(self) -> bytes:
        return self.open()

    def delta(self, text: str) -> bytes:
        if self._start.tool == "custom":
            self._input.append(text)
            return b""
        return super().delta(text)

    def _block(self) -> dict[str, Json]:
        return {
            "type": "tool_use",
            "id": self._start.id or made_id(),
            "name": self._start.name or "",
            "input": {},
        }

    def _before_end(self) -> bytes:
        if not self._input:
            return b""
        whole = orjson.dumps({CUSTOM: "".join(self._input)}).decode()
        return super().delta(whole)


class MediaBlock(Block):
    """Claude's replies hold no media: the client is told so in words."""

    def delta(self, text: str) -> bytes:  # noqa: ARG002 - base64 that has no place
        return b""

    def _before_end(self) -> bytes:
        return super().delta(media_words(self._start.mime, self.index, self._attempt))


def block_of(start: PartStart, number: int, attempt: Attempt) -> Block:
    """The block for a part; `number` is its place in Claude's stream."""
    return BLOCKS[start.kind](start, number, attempt)


def content_of(parts: list[Part], attempt: Attempt, losses: ReplyLosses) -> list[dict[str, Json]]:
    """The content of a body."""
    out = []
    for index, part in enumerate(parts):
        if not isinstance(part, Opaque):
            losses.note(part.extra, f"reply.parts[{index}]")
        block = _content(part, index, attempt, losses)
        if block is not None:
            out.append(block)
    return out


def media_words(mime: str | None, index: int, attempt: Attempt) -> str:
    """What stands in place of media; its loss is recorded."""
    attempt.losses.add(f"reply.parts[{index}]", "Claude's replies hold no media", "meaning")
    return f"[{mime or 'media'}: Claude's protocol can't carry it to this client]"


def made_id() -> str:
    """An id for a call that came without one; clients run no tool without it."""
    return f"toolu_{secrets.token_hex(12)}"


def _content(
    part: Part, index: int, attempt: Attempt, losses: ReplyLosses
) -> dict[str, Json] | None:
    match part:
        case Text():
            if part.seal is not None:
                losses.seal(index)
            fields = own(part.extra, NAME)
            return {"type": "text", "text": part.text, **fields} if part.text else None
        case Thinking():
            return _thinking(part, attempt)
        case ToolCall():
            if part.seal is not None:
                losses.seal(index)
            return _tool_use(part)
        case Media():
            return {"type": "text", "text": media_words(part.mime, index, attempt)}
        case Opaque(dialect="claude"):
            return part.raw  # type: ignore[no-any-return]
    return None


def _thinking(part: Thinking, attempt: Attempt) -> dict[str, Json] | None:
    if part.seal is None and (part.redacted or not part.text):
        return None
    value, fields = tagged(part.seal or unsigned(attempt.target), NAME), own(part.extra, NAME)
    if part.redacted:
        return {"type": "redacted_thinking", "data": value, **fields}
    return {"type": "thinking", "thinking": part.text, "signature": value, **fields}


def _tool_use(part: ToolCall) -> dict[str, Json]:
    is_custom = part.kind == "custom"
    return {
        "type": "tool_use",
        "id": part.id or made_id(),
        "name": part.name,
        "input": {CUSTOM: part.arguments} if is_custom else input_object(part.arguments),
        **own(part.extra, NAME),
    }


BLOCKS: Mapping[str, type[Block]] = {
    "text": Block,
    "thinking": ThinkingBlock,
    "tool_call": CallBlock,
    "media": MediaBlock,
}
