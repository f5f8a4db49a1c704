"""The conversation of a client's request: roles, forms of content, calls and their results."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
from attrs import define, evolve, field

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import (
    NO_EXTRA,
    Extra,
    Fields,
    Json,
    Message,
    Part,
    Path,
    Seal,
    Text,
    ToolCall,
    ToolResult,
)
from gateway.reading import entries, get, need, wrong
from gateway_openai.chat.fields import DIALECT, unknown, with_notes
from gateway_openai.chat.names import ROLES, SYSTEM_ROLES
from gateway_openai.chat.parts import read_cache, read_parts
from gateway_openai.chat.seals import FIELD, from_extra_content
from gateway_openai.chat.thinking import read_thinking

PLAIN = frozenset({"role", "content"})
COMMON = PLAIN | {"tool_calls"}
"""What nearly every assistant message has and no more."""
ASSISTANT = PLAIN | {
    *("tool_calls", "refusal", "reasoning_content", "reasoning", "reasoning_details"),
    *("extra_content", "function_call"),
}
TOOL = PLAIN | {"tool_call_id", "name", "cache_control"}
CALL = frozenset({"id", "type", "function", "custom", "extra_content", "index", "cache_control"})
FUNCTION = frozenset({"name", "arguments"})
CUSTOM = frozenset({"name", "input"})
COMMON_CALL = frozenset({"id", "type", "function"})
COMMON_RESULT = PLAIN | {"tool_call_id"}


Start = dict[str, Json]
"""How a leading system message was written: its role, whether its content was a list, and which
fields of its first text are the message's own."""

DEFAULT_START: Start = {"role": "system", "list": False}


@define
class _Reading:
    """What reading one message has to know of those before it: calls still without a result."""

    waiting: list[ToolCall] = field(factory=list)


def read_messages(messages: list[Json]) -> tuple[list[Text], list[Message]]:
    """The leading system text, and the conversation. Raises BadRequest."""
    if not messages:
        raise BadRequest("messages must hold at least one message", param="messages")
    reading, system, conversation = _Reading(), list[Text](), list[Message]()
    for path, item in entries(messages, ("messages",)):
        role = item.get("role")
        if type(role) is not str or role not in READERS:
            need(item, "role", str, path)
            raise wrong((*path, "role"), f"one of {', '.join(ROLES)}")
        leads = role in SYSTEM_ROLES and not conversation
        texts = _leading(item, path, None if system else DEFAULT_START) if leads else []
        system += texts
        if not texts:
            conversation.append(READERS[role](item, path, reading))
    return system, conversation


def _leading(item: dict[str, Json], path: Path, first: Start | None) -> list[Text]:
    """The texts of a leading system message, the first one marked as its start; []: none.

    first: the form that needs no mark, for the very first message.
    """
    parts = _content(item, path)
    texts = [part for part in parts if isinstance(part, Text)]
    if not texts or len(texts) < len(parts):
        return []
    outer = unknown(item, PLAIN, path)
    opening = _joined(outer, texts[0].extra, path)
    start: Start = {"role": item["role"], "list": isinstance(item.get("content"), list)}
    if outer and start["list"]:
        start["fields"] = sorted(outer[DIALECT])
    texts[0].extra = opening if start == first else with_notes(opening, path, start=start)
    return texts


def _joined(message: Extra, part: Extra, path: Path) -> Extra:
    if not message or not part:
        return message or part
    return {DIALECT: Fields({**part[DIALECT], **message[DIALECT]}, path)}


def _system(item: dict[str, Json], path: Path, _: _Reading) -> Message:
    parts = _content(item, path)
    role = item["role"] if item["role"] != "system" else None
    extra = with_notes(unknown(item, PLAIN, path), path, role=role, **_form(item, parts))
    return Message("system", parts, extra)


def _user(item: dict[str, Json], path: Path, _: _Reading) -> Message:
    parts = _content(item, path)
    return Message(
        "user", parts, with_notes(unknown(item, PLAIN, path), path, **_form(item, parts))
    )


def _assistant(item: dict[str, Json], path: Path, reading: _Reading) -> Message:
    content = _content(item, path)
    is_common = item.keys() <= COMMON
    parts = content if is_common else _with_rare(item, content, path)
    extra = NO_EXTRA if is_common else unknown(item, ASSISTANT, path)
    raw = get(item, "tool_calls", list, path) or []
    calls = [_call(call, place) for place, call in entries(raw, (*path, "tool_calls"))]
    reading.waiting = calls
    notes = _assistant_form(item, content, bool(calls))
    return Message("assistant", [*parts, *calls], with_notes(extra, path, **notes))


def _with_rare(item: dict[str, Json], content: list[Part], path: Path) -> list[Part]:
    """What an assistant's message holds besides calls, with what only few of them have."""
    if item.get("function_call") is not None:
        at = show((*path, "function_call"))
        raise BadRequest(f"{at} is no longer understood; send tool_calls", param=at)
    parts: list[Part] = [*read_thinking(item, path), *content]
    refusal = get(item, "refusal", str, path)
    if refusal:
        parts.append(Text(refusal, extra=with_notes(NO_EXTRA, path, refusal="field")))
    seal = from_extra_content(item.get(FIELD))
    if seal is not None:
        _seal(parts, seal)
    return parts


def _tool(item: dict[str, Json], path: Path, reading: _Reading) -> Message:
    parts = _content(item, path)
    if item.keys() <= COMMON_RESULT:
        extra = with_notes(NO_EXTRA, path, **_form(item, parts))
        return Message(
            "user", [ToolResult(_call_id(item, None, path, reading), parts, extra=extra)]
        )
    name = get(item, "name", str, path)
    extra = with_notes(unknown(item, TOOL, path), path, **_form(item, parts))
    result = ToolResult(
        _call_id(item, name, path, reading),
        parts,
        name=name,
        cache_control=read_cache(item, path),
        extra=extra,
    )
    return Message("user", [result])


def _seal(parts: list[Part], seal: Seal) -> None:
    """Put a message's seal on its last text; a message without text gets an empty one."""
    for at in reversed(range(len(parts))):
        part = parts[at]
        if isinstance(part, Text):
            parts[at] = evolve(part, seal=seal)
            return
    parts.append(Text("", seal))


def _content(item: dict[str, Json], path: Path) -> list[Part]:
    content = item.get("content")
    if type(content) is str:
        return [Text(content)] if content else []
    content = get(item, "content", (str, list), path)
    return read_parts(content, (*path, "content")) if content else []


def _form(item: dict[str, Json], parts: list[Part]) -> dict[str, Json]:
    """How the content was written, where it differs from how it would be written anew."""
    content = item.get("content")
    if isinstance(content, list):
        is_default = item["role"] == "user" and len(parts) > 1
        return {} if is_default else {"content": "list"}
    return {"content": ""} if content == "" else {}


def _assistant_form(item: dict[str, Json], parts: list[Part], calls: bool) -> dict[str, Json]:
    if "content" not in item:
        return {"content": "absent"}
    if item["content"] is None and not calls:
        return {"content": "null"}
    return _form(item, parts)


def _call(call: dict[str, Json], path: Path) -> ToolCall:
    return _common_call(call) or _any_call(call, path)


def _common_call(call: dict[str, Json]) -> ToolCall | None:
    """A call of a function in the form that nearly all have; None for any other."""
    within = call.get("function")
    if call.keys() != COMMON_CALL or call["type"] != "function" or type(within) is not dict:
        return None
    if within.keys() != FUNCTION:
        return None
    call_id, name, arguments = call["id"], within["name"], within["arguments"]
    if {type(call_id), type(name), type(arguments)} != {str} or not call_id:
        return None
    return ToolCall(call_id, name, arguments)


def _any_call(call: dict[str, Json], path: Path) -> ToolCall:
    kind = get(call, "type", str, path) or "function"
    if kind not in ("function", "custom"):
        raise wrong((*path, "type"), "function or custom")
    within, at = need(call, kind, dict, path), (*path, kind)
    field_name = "input" if kind == "custom" else "arguments"
    said = get(within, field_name, (str, dict), at)
    arguments = orjson.dumps(said).decode() if isinstance(said, dict) else said or ""
    name = need(within, "name", str, at)
    return ToolCall(
        get(call, "id", str, path) or _made_id(path, name, arguments),
        name,
        arguments,
        kind="custom" if kind == "custom" else "function",
        seal=from_extra_content(call.get(FIELD)),
        cache_control=read_cache(call, path),
        extra=unknown(call, CALL, path, {kind: CUSTOM if kind == "custom" else FUNCTION}),
    )


def _made_id(path: Path, name: str, arguments: str) -> str:
    """An id from position and content, so that the same history gets the same one each turn."""
    text = orjson.dumps([*path, name, arguments])
    return f"call_{hashlib.sha256(text).hexdigest()[:24]}"


def _call_id(item: dict[str, Json], name: str | None, path: Path, reading: _Reading) -> str:
    """The id of the call that a result answers; without one, the first open call of its name."""
    said = get(item, "tool_call_id", str, path)
    waiting = reading.waiting
    if waiting and waiting[0].id == said:
        return waiting.pop(0).id
    found = next((c for c in waiting if _answers(c, said, name)), None)
    if found is not None:
        reading.waiting.remove(found)
        return found.id
    if said is None:
        place = show((*path, "tool_call_id"))
        raise BadRequest(f"{place} is required: no open tool call is left", param=place)
    return said


def _answers(call: ToolCall, call_id: str | None, name: str | None) -> bool:
    return call.id == call_id if call_id is not None else name in (None, call.name)


READERS: dict[str, Callable[[dict[str, Json], Path, _Reading], Message]] = {
    "system": _system,
    "developer": _system,
    "user": _user,
    "assistant": _assistant,
    "tool": _tool,
}
