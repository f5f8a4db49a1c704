"""The items of a client's `input`, as the hub's messages.

What the model said in one turn (reasoning, texts, calls) is one assistant message; the outputs
that follow are one user message. Notes on the first part of each item keep its id, its status and
its form, so that the same items are written at home.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from attrs import define, field

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import (
    Extra,
    Fields,
    Json,
    Message,
    Opaque,
    Part,
    Path,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)
from gateway.reading import entries, get, need, wrong
from gateway.seals import untagged
from gateway_openai.responses.fields import DIALECT, joined, objects_of, unknown, with_notes
from gateway_openai.responses.names import ROLES, SYSTEM_ROLES, TOOL_ITEMS
from gateway_openai.responses.parts import read_content
from gateway_openai.responses.tools import read_tools

MESSAGE = frozenset({"type", "id", "status", "role", "content"})
FUNCTION_CALL = frozenset({"type", "id", "status", "call_id", "name", "namespace", "arguments"})
CUSTOM_CALL = frozenset({"type", "id", "status", "call_id", "name", "namespace", "input"})
OUTPUT = frozenset({"type", "id", "status", "call_id", "output"})
REASONING = frozenset({"type", "id", "status", "summary", "content", "encrypted_content"})
PARAGRAPH = "\n\n"


@define
class Conversation:
    """What was read. tools: those that items in the conversation put on offer."""

    system: list[Text] = field(factory=list)
    messages: list[Message] = field(factory=list)
    tools: list[Tool] = field(factory=list)
    _open: Literal["assistant", "results"] | None = None

    def say(self, message: Message) -> None:
        """Add a message of its own."""
        self.messages.append(message)
        self._open = None

    def add(self, part: Part, to: Literal["assistant", "results"]) -> None:
        """Add a part to the turn that is open, or open one."""
        if self._open != to:
            self.messages.append(Message("assistant" if to == "assistant" else "user", []))
            self._open = to
        self.messages[-1].parts.append(part)

    def add_opaque(self, part: Opaque) -> None:
        """Add what only this dialect knows to whatever turn is open.

        It opens an assistant's turn, if any: one with nothing else in it is left out elsewhere.
        """
        self.add(part, self._open or ("results" if part.text else "assistant"))


def read_input(items: list[Json]) -> Conversation:
    """The leading system text, the conversation and its tools. Raises BadRequest."""
    read = Conversation()
    for path, item in entries(items, ("input",)):
        kind = _kind(item, path)
        reader = READERS.get(kind)
        if reader is not None:
            reader(item, path, read)
        else:
            _opaque(item, path, read)
    return read


def _kind(item: dict[str, Json], path: Path) -> str:
    said = get(item, "type", str, path)
    if said is None and "role" not in item:
        raise BadRequest(f"{show((*path, 'type'))} is required", param=show((*path, "type")))
    return said or "message"


def _message(item: dict[str, Json], path: Path, read: Conversation) -> None:
    role = need(item, "role", str, path)
    if role not in ROLES:
        raise wrong((*path, "role"), f"one of {', '.join(ROLES)}")
    content = need(item, "content", (str, list), path)
    parts = read_content(content, role, (*path, "content"))
    if role == "assistant":
        for part in _with_item(parts, item, path):
            read.add(part, "assistant")
    elif role in SYSTEM_ROLES and not read.messages and _all_text(parts):
        read.system += _with_item(parts, item, path)  # type: ignore[arg-type]
    else:
        extra = with_notes(unknown(item, MESSAGE, path), path, item=_notes(item))
        read.say(Message("system" if role in SYSTEM_ROLES else "user", parts, extra))


def _all_text(parts: list[Part]) -> bool:
    return bool(parts) and all(isinstance(part, Text) for part in parts)


def _with_item(parts: list[Part], item: dict[str, Json], path: Path) -> list[Part]:
    """`parts` of one message, the first marked with what the item itself said."""
    head = with_notes(unknown(item, MESSAGE, path, under="message"), path, item=_notes(item))
    hollow = Text("", extra=with_notes({}, path, hollow=True))
    first, rest = hollow, parts
    if parts and not isinstance(parts[0], Opaque):
        first, rest = parts[0], parts[1:]  # type: ignore[assignment]
    first.extra = joined(first.extra, head)
    for part in rest:
        if not isinstance(part, Opaque):
            part.extra = with_notes(part.extra, path, next=True)
    return [first, *rest]


def _notes(item: dict[str, Json]) -> dict[str, Json]:
    """The form of an item: its id, status and role, and whether it had no type."""
    said = {name: item[name] for name in ("id", "status", "role") if item.get(name) is not None}
    return said if "type" in item else {**said, "bare": True}


def _call(item: dict[str, Json], path: Path, read: Conversation) -> None:
    custom = item["type"] == "custom_tool_call"
    known, text = (CUSTOM_CALL, "input") if custom else (FUNCTION_CALL, "arguments")
    call = ToolCall(
        need(item, "call_id", str, path),
        need(item, "name", str, path),
        need(item, text, str, path),
        kind="custom" if custom else "function",
        namespace=get(item, "namespace", str, path) or None,
        extra=_item_extra(item, known, path),
    )
    read.add(call, "assistant")


def _output(item: dict[str, Json], path: Path, read: Conversation) -> None:
    content = need(item, "output", (str, list), path)
    result = ToolResult(
        need(item, "call_id", str, path),
        read_content(content, "user", (*path, "output")),
        kind="custom" if item["type"] == "custom_tool_call_output" else "function",
        extra=_item_extra(item, OUTPUT, path),
    )
    read.add(result, "results")


def _reasoning(item: dict[str, Json], path: Path, read: Conversation) -> None:
    pieces, extras = [], []
    for name in ("summary", "content"):
        for at, piece in entries(get(item, name, list, path) or [], (*path, name)):
            pieces.append((name, get(piece, "text", str, at) or ""))
            extras.append(unknown(piece, frozenset({"type", "text"}), path, under=name))
    sealed = get(item, "encrypted_content", str, path)
    text = PARAGRAPH.join(piece for _, piece in pieces)
    lengths = [[name, len(piece)] for name, piece in pieces]
    thought = Thinking(
        text,
        redacted=not text and bool(sealed),
        seal=untagged(sealed, DIALECT) if sealed else None,
        extra=with_notes(joined(_item_extra(item, REASONING, path), *extras), path, pieces=lengths),
    )
    read.add(thought, "assistant")


def _item_extra(item: dict[str, Json], known: frozenset[str], path: Path) -> Extra:
    return with_notes(unknown(item, known, path), path, item=_notes(item))


def _reference(_: dict[str, Json], path: Path, __: Conversation) -> None:
    place = show(path)
    raise BadRequest(
        f"{place} refers to an item that the provider keeps; this gateway keeps no conversations:"
        " send the item itself",
        param=place,
    )


def _opaque(item: dict[str, Json], path: Path, read: Conversation) -> None:
    """An item that only this dialect knows. Tools that it puts on offer are on offer everywhere."""
    text = None
    if item.get("type") in TOOL_ITEMS:
        found = read_tools(objects_of(item.get("tools")), (*path, "tools"))
        for tool in found:
            tool.extra = {DIALECT: Fields({"$item": True}, path)}
        read.tools += found
        names = ", ".join(tool.name for tool in found)
        text = f"[These tools are now available: {names}]" if names else None
    read.add_opaque(Opaque(DIALECT, item, text, path))


READERS: dict[str, Callable[[dict[str, Json], Path, Conversation], None]] = {
    "message": _message,
    "function_call": _call,
    "custom_tool_call": _call,
    "function_call_output": _output,
    "custom_tool_call_output": _output,
    "reasoning": _reasoning,
    "item_reference": _reference,
}
