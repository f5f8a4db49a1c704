"""Put streamed tool calls together, as tolerantly as providers are careless.

A call is known by its `index`, or by its id where the index is missing or -1 (Qwen), or is the
last one. A new id under an old index is a new call (Gemini's OpenAI endpoint counts none up).
Arguments may come in pieces, whole, or as an object; the name may come late. A call whose
arguments are complete ends when something else begins; the others end with the reply.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson
from attrs import define, field

from gateway.attempt import Attempt
from gateway.events import Delta, Event, PartEnd, PartStart, Sealed
from gateway.model import NO_EXTRA, Extra, Fields, Json, ToolKind
from gateway_openai.chat.fields import DIALECT, unknown
from gateway_openai.chat.seals import FIELD, from_extra_content

KNOWN = frozenset({"index", "id", "type", "function", "custom", FIELD})
INNER = {"function": frozenset({"name", "arguments"}), "custom": frozenset({"name", "input"})}


def new_call_id() -> str:
    """A random id, for a call whose provider gave none."""
    return f"call_{secrets.token_hex(12)}"


@define
class _Call:
    """One call.

    part: its index in the reply, None until its name is known. held: its arguments come out
    changed, once they are whole.
    """

    key: Json
    id: str | None = None
    name: str = ""
    custom: bool = False
    part: int | None = None
    pieces: list[str] = field(factory=list)
    content: Json = None
    extra: dict[str, Json] = field(factory=dict)
    held: bool = False
    ended: bool = False

    def is_complete(self) -> bool:
        """Whether the arguments so far are a whole JSON value."""
        try:
            orjson.loads("".join(self.pieces))
        except orjson.JSONDecodeError:
            return False
        return True


@define
class CallReader:
    """The calls of one reply. next_part: gives the index of a new part."""

    attempt: Attempt
    next_part: Callable[[], int]
    new_id: Callable[[], str] = new_call_id
    calls: list[_Call] = field(factory=list)

    def read(self, entries: Json, out: list[Event]) -> None:
        """The entries of one `tool_calls`; an empty list is none."""
        if not isinstance(entries, list):
            return
        for entry in entries:
            if isinstance(entry, dict):
                self._read_entry(entry, out)

    def read_legacy(self, value: Json, out: list[Event]) -> None:
        """A `function_call`, OpenAI's form before there were tools."""
        if isinstance(value, dict):
            self._read_entry({"index": "function_call", "function": value}, out)

    def end_complete(self, out: list[Event], but: _Call | None = None) -> None:
        """End the calls that have all their arguments, because something else begins."""
        for call in self.calls:
            if call is not but and not call.ended and call.part is not None and call.is_complete():
                self._end(call, out)

    def end_all(self, out: list[Event]) -> bool:
        """End every call; False when one never got a name."""
        for call in self.calls:
            if call.part is None:
                return False
            if not call.ended:
                self._end(call, out)
        return True

    def _read_entry(self, entry: dict[str, Json], out: list[Event]) -> None:
        within, custom = _inside(entry)
        call = self._call_of(entry, within)
        call.id = call.id or entry.get("id") or None
        call.name = call.name or _string(within.get("name"))
        call.custom = call.custom or custom
        if entry.get(FIELD) is not None:
            call.content = entry[FIELD]
        if not (entry.keys() <= KNOWN and within.keys() <= _INSIDE):
            call.extra.update(unknown(entry, KNOWN, (), INNER).get(DIALECT, {}))
        text = _argument_text(within)
        if call.part is None and call.name:
            self._start(call, out)
        if text and not call.ended:
            call.pieces.append(text)
            if call.part is not None and not call.held:
                out.append(Delta(call.part, text))

    def _call_of(self, entry: dict[str, Json], within: dict[str, Json]) -> _Call:
        index, call_id = entry.get("index"), entry.get("id")
        numbered = index is not None and index != -1
        found = next((c for c in reversed(self.calls) if numbered and c.key == index), None)
        if found is not None:
            is_other = call_id and found.id and call_id != found.id and within.get("name")
            return self._add(index) if is_other else found
        if numbered:
            return self._add(index)
        if call_id:
            known = next((c for c in self.calls if c.id == call_id), None)
            return known or self._add(None)
        return self._last(within)

    def _last(self, within: dict[str, Json]) -> _Call:
        """The call that an entry without index and id goes on with, or a new one."""
        last = self.calls[-1] if self.calls else None
        if last is None or (within.get("name") and (last.ended or last.is_complete())):
            return self._add(None)
        return last

    def _add(self, key: Json) -> _Call:
        call = _Call(key)
        self.calls.append(call)
        return call

    def _start(self, call: _Call, out: list[Event]) -> None:
        self.end_complete(out, call)
        call.part = self.next_part()
        call.id = call.id or self.new_id()
        registry = self.attempt.registry
        namespace, name = registry.raise_in(call.name)
        call.held = registry.changes_arguments(call.name)
        kind: ToolKind = "custom" if call.custom or registry.is_custom(call.name) else "function"
        out.append(PartStart(call.part, "tool_call", call.id, name, namespace, kind))
        if not call.held:
            out += [Delta(call.part, text) for text in call.pieces]

    def _end(self, call: _Call, out: list[Event]) -> None:
        assert call.part is not None
        if call.held and call.pieces:
            raised = self.attempt.registry.raise_arguments(call.name, "".join(call.pieces))
            out.append(Delta(call.part, raised))
        seal = from_extra_content(call.content, self.attempt.target)
        if seal is not None:
            out.append(Sealed(call.part, seal))
        extra: Extra = NO_EXTRA
        if call.extra:
            extra = {DIALECT: Fields(call.extra, ("tool_calls", self.calls.index(call)))}
        out.append(PartEnd(call.part, extra))
        call.ended = True


_INSIDE = frozenset({"name", "arguments", "input"})


def _inside(entry: dict[str, Json]) -> tuple[dict[str, Json], bool]:
    custom = entry.get("custom")
    if isinstance(custom, dict):
        return custom, True
    function = entry.get("function")
    return (function if isinstance(function, dict) else {}), entry.get("type") == "custom"


def _string(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _argument_text(within: dict[str, Json]) -> str:
    value = within.get("arguments", within.get("input"))
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return _string(value)
