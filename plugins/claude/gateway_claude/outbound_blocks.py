"""Parts as content blocks. What stands in them has been made fit for Claude before (`carry`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.attempt import Attempt
from gateway.model import (
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    note,
    own,
)
from gateway.registry import lower_id
from gateway_claude.arguments import CUSTOM, input_object
from gateway_claude.cache import stamped
from gateway_claude.media import write_media
from gateway_claude.names import NAME
from gateway_claude.tool_names import lower


def write_message(message: Message, attempt: Attempt) -> dict[str, Json]:
    """One message, its content a string where the client sent one."""
    content: Json = write_blocks(message.parts, attempt)
    if not message.extra:
        return {"role": message.role, "content": content}
    if note(message.extra, NAME, "content") == "string":
        content = plain(content)
    return {"role": message.role, "content": content, **own(message.extra, NAME)}


def write_blocks(parts: list[Part], attempt: Attempt) -> list[dict[str, Json]]:
    writers = WRITERS
    return [one for part in parts if (one := writers[type(part)](part, attempt)) is not None]


def write_text(part: Text) -> dict[str, Json]:
    return _finished({"type": "text", "text": part.text}, part)


def plain(content: list[dict[str, Json]]) -> Json:
    """A string for at most one bare text, else the list as it is."""
    if not content:
        return ""
    if len(content) == 1 and content[0].keys() == {"type", "text"}:
        return content[0]["text"]
    return content


def _finished(
    block: dict[str, Json], part: Text | Thinking | ToolCall | ToolResult
) -> dict[str, Json]:
    """`block` with what the hub has no name for, and its cache marker."""
    if part.extra:
        block.update(own(part.extra, NAME))
    return block if part.cache_control is None else stamped(block, part.cache_control)


def _text(part: Text, _: Attempt) -> dict[str, Json]:
    bare = not part.extra and part.cache_control is None
    return {"type": "text", "text": part.text} if bare else write_text(part)


def _thinking(part: Thinking, _: Attempt) -> dict[str, Json]:
    value = part.seal.value if part.seal else ""
    if part.redacted:
        return _finished({"type": "redacted_thinking", "data": value}, part)
    return _finished({"type": "thinking", "thinking": part.text, "signature": value}, part)


def _media(part: Media, _: Attempt) -> dict[str, Json]:
    return write_media(part)


def _tool_use(part: ToolCall, attempt: Attempt) -> dict[str, Json]:
    arguments = part.arguments
    block = {
        "type": "tool_use",
        "id": lower_id(part.id),
        "name": lower(part.name, part.namespace, part.kind, attempt.registry),
        "input": {CUSTOM: arguments} if part.kind == "custom" else input_object(arguments),
    }
    return _finished(block, part)


def _tool_result(part: ToolResult, attempt: Attempt) -> dict[str, Json]:
    content = write_blocks(part.parts, attempt)
    form = note(part.extra, NAME, "content") if part.extra else None
    block: dict[str, Json] = {"type": "tool_result", "tool_use_id": lower_id(part.call_id)}
    if content or form != "none":
        block["content"] = plain(content) if form == "string" else content
    if part.is_error is not None:
        block["is_error"] = part.is_error
    return _finished(block, part)


def _opaque(part: Opaque, _: Attempt) -> dict[str, Json] | None:
    if part.dialect == NAME:
        return part.raw  # type: ignore[no-any-return]
    return {"type": "text", "text": part.text} if part.text else None


WRITERS: Mapping[type, Callable[[Json, Attempt], dict[str, Json] | None]] = MappingProxyType(
    {
        Text: _text,
        Thinking: _thinking,
        Media: _media,
        ToolCall: _tool_use,
        ToolResult: _tool_result,
        Opaque: _opaque,
    }
)
