"""Calls and their results in a client's history: Ollama pairs them by name and order.

New servers give calls an `id` and take `tool_call_id` back; most clients know of neither.
"""

from __future__ import annotations

import hashlib

import orjson
from attrs import define, field

from gateway.model import Json, Path, ToolCall
from gateway.reading import entries, get, need
from gateway_ollama.fields import unknown, with_notes

CALL = frozenset({"id", "type", "function"})
FUNCTION = frozenset({"name", "arguments", "index"})


@define
class OpenCalls:
    """The calls so far that have no result yet, in order."""

    waiting: list[ToolCall] = field(factory=list)

    def read(self, item: dict[str, Json], path: Path) -> list[ToolCall]:
        """The calls of an assistant's message. Raises BadRequest."""
        where = (*path, "tool_calls")
        listed = get(item, "tool_calls", list, path) or []
        calls = [_read(raw, at) for at, raw in entries(listed, where)]
        self.waiting += calls
        return calls

    def answered(self, call_id: str | None, name: str | None, path: Path) -> str:
        """The id of the call that a result belongs to.

        By id; else the first open call of that name, or the first at all where no name is said.
        """
        for call in self.waiting:
            if call.id == call_id if call_id is not None else name in (None, call.name):
                self.waiting.remove(call)
                return call.id
        return call_id if call_id is not None else made_id(path, name or "", "")


def made_id(path: Path, name: str, arguments: str) -> str:
    """An id from position and content, so that the same history gets the same one each turn."""
    text = orjson.dumps([*path, name, arguments])
    return f"call_{hashlib.sha256(text).hexdigest()[:24]}"


def _read(raw: dict[str, Json], path: Path) -> ToolCall:
    function, at = need(raw, "function", dict, path), (*path, "function")
    name = need(function, "name", str, at)
    said = get(function, "arguments", (str, dict), at)
    arguments = said if isinstance(said, str) else "" if said is None else _dumped(said)
    given = get(raw, "id", str, path)
    extra = unknown(raw, CALL, path, {"function": FUNCTION})
    notes = {
        "no_id": None if given else True,
        "type": raw.get("type"),
        "index": function.get("index"),
        "string": True if isinstance(said, str) else None,
    }
    call_id = given or made_id(path, name, arguments)
    return ToolCall(call_id, name, arguments, extra=with_notes(extra, path, **notes))


def _dumped(arguments: dict[str, Json]) -> str:
    return orjson.dumps(arguments).decode()
