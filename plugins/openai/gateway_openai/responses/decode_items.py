"""The output items of an upstream's reply, as they open, grow and close.

Deltas are optional: whatever an item says at its end that has not been said yet is said then. An
item is known by its id, else by its `output_index` (some gateways number two items alike).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import ClassVar

from attrs import define, field

from gateway.attempt import Attempt
from gateway.events import Delta, Event, OpaqueEvent, PartEnd, PartStart, Sealed
from gateway.model import NO_EXTRA, Extra, Fields, Json, Seal
from gateway.seals import untagged
from gateway_openai.responses.fields import (
    DIALECT,
    joined,
    objects_of,
    text_of,
    unknown,
    with_notes,
)
from gateway_openai.responses.items import PARAGRAPH

MESSAGE = frozenset({"type", "id", "status", "role", "content"})
TEXT = frozenset({"type", "text", "refusal", "annotations", "logprobs"})
CALL = frozenset(
    {"type", "id", "status", "call_id", "name", "namespace", "arguments", "input"},
)
REASONING = frozenset({"type", "id", "status", "summary", "content", "encrypted_content"})
IMAGE = frozenset({"type", "id", "status", "result"})
ARGUMENTS = {"function_call": "arguments", "custom_tool_call": "input"}
Place = tuple[str, int]
"""Where in an item a text grows: "content" or "summary", and which of them."""


class BadItem(Exception):
    """An item that can't be told on; the message says why."""


@define
class _Growing:
    """A part of the reply. said: what it holds so far."""

    part: int
    said: str = ""
    ended: bool = False


@define
class _Item:
    type: str
    raw: dict[str, Json]
    parts: dict[Place, _Growing] = field(factory=dict)
    done: bool = False


@define
class ItemReader:
    """The items of one reply. called, refused: what has been seen of the kind."""

    attempt: Attempt
    called: bool = False
    refused: bool = False
    _parts: int = 0
    _items: list[_Item] = field(factory=list)
    _by_id: dict[str, _Item] = field(factory=dict)
    _by_index: dict[int, _Item] = field(factory=dict)

    def add(self, item: dict[str, Json], at: int | None, out: list[Event]) -> None:
        """An item opens. A call begins at once when its name is known."""
        self._open_thoughts(out)
        added = self._new(item, at)
        if added.type in ARGUMENTS and text_of(item.get("name")):
            self._call(added, out)

    def grow(self, kind: str, event: dict[str, Json], name: str, out: list[Event]) -> None:
        """A delta of an item of type `kind`, in the part that `name` counts."""
        item = self._of(event) or self._new({"type": kind}, whole_number(event.get("output_index")))
        if item.done:
            return
        place = (name, whole_number(event.get(f"{name}_index")) or 0)
        refusal = event.get("type") == "response.refusal.delta"
        text = text_of(event.get("delta"))
        growing = self._growing(item, place, out, refusal=refusal)
        if growing is not None and not growing.ended and text:
            _say(growing, text, out)

    def add_part(self, event: dict[str, Json], out: list[Event]) -> None:
        """A content part of a message opens."""
        item = self._of(event)
        part = event.get("part")
        if item is None or item.done or item.type != "message" or not isinstance(part, dict):
            return
        place = ("content", whole_number(event.get("content_index")) or 0)
        self._growing(item, place, out, refusal=part.get("type") == "refusal")

    def end(self, item: dict[str, Json], at: int | None, out: list[Event]) -> None:
        """An item is whole. Raises BadItem."""
        known = self._known(item, at)
        if known is None:
            known = self._new(item, at)
        if known.done:
            return
        known.raw = item
        known.done = True
        self.END.get(known.type, ItemReader._end_opaque)(self, known, out)

    def end_all(self, out: list[Event]) -> None:
        """End what the upstream left open. Raises BadItem for a call that never got a name."""
        for item in self._items:
            if not item.done:
                item.done = True
                if item.type in ARGUMENTS and not item.parts:
                    raise BadItem("a call has no name")
                for growing in item.parts.values():
                    _end(growing, out)

    def _open_thoughts(self, out: list[Event]) -> None:
        """Open what waits to be seen as redacted or not, so that parts keep their order."""
        for item in self._items:
            if item.type == "reasoning" and not item.done and not item.parts:
                item.parts["summary", 0] = self._thinking(item, out)

    def _new(self, item: dict[str, Json], at: int | None) -> _Item:
        made = _Item(text_of(item.get("type")), item)
        self._items.append(made)
        if at is not None:
            self._by_index[at] = made
        for name in ("id", "call_id"):
            if text_of(item.get(name)):
                self._by_id[item[name]] = made
        return made

    def _known(self, item: dict[str, Json], at: int | None) -> _Item | None:
        """The item that has been opened as `item`: by its ids, else by its place."""
        for name in ("id", "call_id"):
            found = self._by_id.get(text_of(item.get(name)))
            if found is not None:
                return found
        found = self._by_index.get(-1 if at is None else at)
        return found if found is not None and found.type == item.get("type") else None

    def _of(self, event: dict[str, Json]) -> _Item | None:
        """The item that an event is about."""
        found = self._by_id.get(text_of(event.get("item_id")))
        at = whole_number(event.get("output_index"))
        return found or self._by_index.get(-1 if at is None else at)

    def _take(self) -> int:
        self._parts += 1
        return self._parts - 1

    def _growing(
        self, item: _Item, place: Place, out: list[Event], *, refusal: bool = False
    ) -> _Growing | None:
        """The part at `place`, opened if need be; None for an item whose growth says nothing.

        All the texts of one reasoning are one part: a further one begins with a blank line.
        """
        if item.type in ARGUMENTS:
            return item.parts.get(("content", 0))
        if item.type == "message":
            found = item.parts.get(place)
            return found or self._text(item, place, refusal, out)
        if item.type != "reasoning":
            return None
        found = item.parts.get(place)
        if found is None:
            first = next(iter(item.parts.values()), None)
            if first is None:
                first = self._thinking(item, out, raw=place[0] == "content")
            elif not first.ended and first.said:
                _say(first, PARAGRAPH, out)
            item.parts[place] = first
            found = first
        return found

    def _text(self, item: _Item, place: Place, refusal: bool, out: list[Event]) -> _Growing:
        growing = item.parts[place] = _Growing(self._take())
        self.refused = self.refused or refusal
        extra = with_notes(
            NO_EXTRA, (), item=_identity(item) or None, type="refusal" if refusal else None
        )
        out.append(PartStart(growing.part, "text", extra=extra))
        return growing

    def _thinking(
        self, item: _Item, out: list[Event], *, raw: bool = False, redacted: bool = False
    ) -> _Growing:
        growing = _Growing(self._take())
        extra = with_notes(NO_EXTRA, (), item=_identity(item) or None, raw=raw or None)
        out.append(PartStart(growing.part, "thinking", redacted=redacted, extra=extra))
        return growing

    def _call(self, item: _Item, out: list[Event]) -> _Growing:
        """A call begins: its name is known."""
        raw = item.raw
        growing = item.parts["content", 0] = _Growing(self._take())
        self.called = True
        call_id = text_of(raw.get("call_id")) or text_of(raw.get("id"))
        start = PartStart(
            growing.part,
            "tool_call",
            id=call_id or f"call_{secrets.token_hex(12)}",
            name=self.attempt.registry.raise_(text_of(raw.get("name"))),
            namespace=text_of(raw.get("namespace")) or None,
            tool="custom" if item.type == "custom_tool_call" else "function",
            extra=with_notes(NO_EXTRA, (), item=_identity(item) or None),
        )
        out.append(start)
        return growing

    def _end_message(self, item: _Item, out: list[Event]) -> None:
        head = unknown(item.raw, MESSAGE, (), under="message")
        for at, part in enumerate(objects_of(item.raw.get("content"))):
            refusal = part.get("type") == "refusal"
            growing = self._growing(item, ("content", at), out, refusal=refusal)
            if growing is None or growing.ended:
                continue
            _catch_up(growing, text_of(part.get("refusal" if refusal else "text")), out)
            full = {name: part[name] for name in ("annotations", "logprobs") if part.get(name)}
            more = joined(unknown(part, TEXT, ()), unknown(full, frozenset(), ()), head)
            notes = with_notes(
                more, (), item=_identity(item) or None, type="refusal" if refusal else None
            )
            _end(growing, out, notes if more else NO_EXTRA)
            head = NO_EXTRA
        for growing in item.parts.values():
            _end(growing, out)

    def _end_call(self, item: _Item, out: list[Event]) -> None:
        growing = item.parts.get(("content", 0))
        if growing is None:
            if not text_of(item.raw.get("name")):
                raise BadItem("a call has no name")
            growing = self._call(item, out)
        _catch_up(growing, text_of(item.raw.get(ARGUMENTS[item.type])), out)
        _end(growing, out, _end_extra(item, CALL))

    def _end_reasoning(self, item: _Item, out: list[Event]) -> None:
        sealed = text_of(item.raw.get("encrypted_content"))
        summary, content = (objects_of(item.raw.get(name)) for name in ("summary", "content"))
        whole = PARAGRAPH.join(text_of(piece.get("text")) for piece in [*summary, *content])
        first = next(iter(item.parts.values()), None)
        if first is None:
            raw = bool(content) and not summary
            first = self._thinking(item, out, raw=raw, redacted=bool(sealed) and not whole)
        _catch_up(first, whole, out)
        if sealed and not first.ended:
            seal = self._issued(untagged(sealed, DIALECT))
            out += [Sealed(first.part, seal)] if seal.value else []
        _end(first, out, _end_extra(item, REASONING))

    def _issued(self, seal: Seal) -> Seal:
        """The seal with its issuer: this target, unless it came tagged."""
        if seal.upstream is None and seal.dialect == DIALECT:
            target = self.attempt.target
            return Seal(seal.value, DIALECT, target.upstream, target.model)
        return seal

    def _end_image(self, item: _Item, out: list[Event]) -> None:
        """An image that the model made; without its bytes it is only this dialect's."""
        data = text_of(item.raw.get("result"))
        if not data:
            self._end_opaque(item, out)
            return
        part, mime = self._take(), f"image/{text_of(item.raw.get('output_format')) or 'png'}"
        extra = with_notes(unknown(item.raw, IMAGE, ()), (), item=_identity(item) or None)
        out += [PartStart(part, "media", mime=mime, extra=extra), Delta(part, data), PartEnd(part)]

    def _end_opaque(self, item: _Item, out: list[Event]) -> None:
        if item.type:
            out.append(OpaqueEvent(DIALECT, item.raw, self._take()))

    END: ClassVar[dict[str, Callable[[ItemReader, _Item, list[Event]], None]]] = {
        "message": _end_message,
        "function_call": _end_call,
        "custom_tool_call": _end_call,
        "reasoning": _end_reasoning,
        "image_generation_call": _end_image,
    }


def whole_number(value: Json) -> int | None:
    """`value` where it is one; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _say(growing: _Growing, text: str, out: list[Event]) -> None:
    growing.said += text
    out.append(Delta(growing.part, text))


def _catch_up(growing: _Growing, whole: str, out: list[Event]) -> None:
    """Say what of `whole` has not been said; a text that goes another way is left as it grew."""
    if not growing.ended and len(whole) > len(growing.said) and whole.startswith(growing.said):
        _say(growing, whole[len(growing.said) :], out)


def _end(growing: _Growing, out: list[Event], extra: Extra = NO_EXTRA) -> None:
    if not growing.ended:
        growing.ended = True
        out.append(PartEnd(growing.part, extra))


def _identity(item: _Item) -> dict[str, Json]:
    given = text_of(item.raw.get("id"))
    return {"id": given} if given else {}


def _end_extra(item: _Item, known: frozenset[str]) -> Extra:
    more = unknown(item.raw, known, ())
    if not more:
        return NO_EXTRA
    return {DIALECT: Fields({**more[DIALECT], "$item": _identity(item)}, ())}
