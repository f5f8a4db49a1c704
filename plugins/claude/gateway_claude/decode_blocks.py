"""Content blocks of a reply, as they open, grow and close."""

from __future__ import annotations

import hashlib
import secrets

import orjson
from attrs import define, field

from gateway.attempt import Attempt
from gateway.events import Delta, Event, OpaqueEvent, PartEnd, PartStart, Sealed
from gateway.model import NO_EXTRA, Extra, Fields, Json, Seal
from gateway.seals import TAG, untagged
from gateway_claude.arguments import arguments_text, custom_input
from gateway_claude.names import NAME
from gateway_claude.tool_names import raised

KNOWN = {
    "text": frozenset(["type", "text", "citations"]),
    "thinking": frozenset(["type", "thinking", "signature"]),
    "redacted_thinking": frozenset(["type", "data"]),
    "tool_use": frozenset(["type", "id", "name", "input"]),
}
GROWS = {"text_delta": "text", "thinking_delta": "thinking"}
GROWTH = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("tool_use", "partial_json"),
}
"""The kind of block that a delta lets grow, and the delta's field that holds what is added."""


@define
class _Open:
    """One open block. `raw` is the block itself, for blocks that only Claude knows."""

    kind: str
    raw: dict[str, Json]
    extra: Extra = NO_EXTRA
    citations: list[Json] = field(factory=list)
    pieces: list[str] = field(factory=list)
    grown: bool = False
    custom: bool = False
    sealed: bool = False


class Blocks:
    """The blocks of one reply.

    plain: the open text blocks. called: whether a tool was called. reply_id: for ids of calls
    that have none.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.plain: set[int] = set()
        self.called = False
        self.reply_id = ""
        self._attempt = attempt
        self._open: dict[int, _Open] = {}

    def start(self, index: int, block: dict[str, Json]) -> list[Event]:
        """The events of a block's start, with whatever the block already holds."""
        events = self.stop(index)
        kind = block["type"]
        known = KNOWN.get(kind)
        if known is None:
            self._open[index] = _Open(kind, dict(block))
            return events
        opened = self._open[index] = _Open(kind, block, _extra(block, known))
        match kind:
            case "text":
                self.plain.add(index)
                opened.citations += block.get("citations") or []
                events.append(PartStart(index, "text", extra=opened.extra))
                events += _grow(index, block.get("text"))
            case "thinking":
                events.append(PartStart(index, "thinking", extra=opened.extra))
                events += _grow(index, block.get("thinking"))
                events += self._sealed(index, block.get("signature"))
            case "redacted_thinking":
                events.append(PartStart(index, "thinking", redacted=True, extra=opened.extra))
                events += self._sealed(index, block["data"])
            case _:
                events.append(self._call(index, block, opened))
        return events

    def delta(self, index: int, delta: dict[str, Json]) -> list[Event]:
        """The events of a block's growth; a text that was never opened opens."""
        kind = delta["type"]
        opened = self._open.get(index)
        if opened is None:
            name = GROWS[kind]
            events = self.start(index, {"type": name, name: ""})
            return [*events, *self.delta(index, delta)]
        if opened.kind not in KNOWN:
            _fold(opened, delta)
            return []
        match kind:
            case "text_delta" | "thinking_delta":
                return _grow(index, delta[GROWS[kind]])
            case "input_json_delta":
                return _grow_call(index, opened, delta["partial_json"])
            case "signature_delta":
                return self._sealed(index, delta["signature"])
            case "citations_delta":
                opened.citations.append(delta["citation"])
                return []
        raw = {"type": "content_block_delta", "index": index, "delta": delta}
        return [OpaqueEvent(NAME, raw)]

    def growing(self, index: int, delta: dict[str, Json]) -> str | None:
        """The field of `delta` that an open block has just grown by, word for word.

        None for anything that was more than growth.
        """
        kind, key = GROWTH.get(delta["type"], ("", ""))
        opened = self._open.get(index)
        plainly = opened is not None and opened.kind == kind and not opened.custom
        return key if plainly and delta[key] else None

    def stop(self, index: int) -> list[Event]:
        """The events of a block's end; [] when it is not open."""
        opened = self._open.pop(index, None)
        if opened is None:
            return []
        self.plain.discard(index)
        if opened.kind not in KNOWN:
            return [OpaqueEvent(NAME, _folded(opened), index)]
        events = _rest_of_call(index, opened) if opened.kind == "tool_use" else []
        return [*events, PartEnd(index, _end_extra(opened))]

    def stop_all(self) -> list[Event]:
        """End what the upstream left open."""
        return [event for index in sorted(self._open) for event in self.stop(index)]

    def _call(self, index: int, block: dict[str, Json], opened: _Open) -> PartStart:
        name = block["name"]
        if not isinstance(name, str) or not name:
            raise ValueError("a call without a name")
        self.called = True
        tool = raised(name, self._attempt.registry)
        opened.custom = tool.kind == "custom"
        return PartStart(
            index,
            "tool_call",
            id=block.get("id") or self._made_id(index),
            name=tool.name,
            namespace=tool.namespace,
            tool=tool.kind,
            extra=opened.extra,
        )

    def _made_id(self, index: int) -> str:
        """An id for a call that came without one: unique to this reply and block."""
        self.reply_id = self.reply_id or secrets.token_hex(8)
        digest = hashlib.sha256(self.reply_id.encode()).hexdigest()
        return f"toolu_{digest[:20]}{index:02}"

    def _sealed(self, index: int, value: str | None) -> list[Event]:
        """The seal, marked with who issued it; a tag of another gateway's is kept as it is."""
        opened = self._open[index]
        if not value or opened.sealed:
            return []
        opened.sealed = True
        if value.startswith(TAG):
            seal = untagged(value, NAME)
            return [Sealed(index, seal)] if seal.value else []
        target = self._attempt.target
        return [Sealed(index, Seal(value, NAME, target.upstream, target.model))]


def _extra(block: dict[str, Json], known: frozenset[str]) -> Extra:
    if block.keys() <= known:
        return NO_EXTRA
    rest = {key: value for key, value in block.items() if key not in known}
    return {NAME: Fields(rest, ())} if any(v is not None for v in rest.values()) else NO_EXTRA


def _grow(index: int, text: str | None) -> list[Event]:
    return [Delta(index, text)] if text else []


def _grow_call(index: int, opened: _Open, piece: str) -> list[Event]:
    """A free-form tool's input is unwrapped when it is whole."""
    opened.grown = opened.grown or bool(piece)
    if opened.custom:
        opened.pieces.append(piece)
        return []
    return _grow(index, piece)


def _rest_of_call(index: int, opened: _Open) -> list[Event]:
    """Arguments that came with the block's start, or that had to be whole first."""
    given = opened.raw.get("input")
    text = arguments_text(given) if given and not opened.grown else "".join(opened.pieces)
    return _grow(index, custom_input(text) if opened.custom else text)


def _end_extra(opened: _Open) -> Extra:
    """With citations the whole extra stands at the end, where it replaces that of the start."""
    if not opened.citations:
        return NO_EXTRA
    fields = {**opened.extra.get(NAME, {}), "citations": opened.citations}
    return {NAME: Fields(fields, ())}


def _fold(opened: _Open, delta: dict[str, Json]) -> None:
    """Let a block that only Claude knows grow by whatever its deltas hold."""
    if delta["type"] == "input_json_delta":
        opened.pieces.append(delta["partial_json"])
        return
    for key, value in delta.items():
        known = opened.raw.get(key)
        if key == "type":
            continue
        grows = isinstance(value, str) and isinstance(known, str)
        opened.raw[key] = known + value if grows else value


def _folded(opened: _Open) -> dict[str, Json]:
    text = "".join(opened.pieces)
    return {**opened.raw, "input": orjson.loads(text)} if text else opened.raw
