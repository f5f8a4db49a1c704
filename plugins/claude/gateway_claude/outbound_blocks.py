"""Parts as content blocks. What stands in them has been made fit for Claude before (`carry`)."""

from __future__ import annotations

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
    content = write_blocks(message.parts, attempt)
    form = note(message.extra, NAME, "content")
    return {
        "role": message.role,
        "content": plain(content) if form == "string" else content,
        **own(message.extra, NAME),
    }


def write_blocks(parts: list[Part], attempt: Attempt) -> list[dict[str, Json]]:
    return [block for part in parts if (block := _block(part, attempt)) is not None]


def write_text(part: Text) -> dict[str, Json]:
    block = {"type": "text", "text": part.text, **own(part.extra, NAME)}
    return stamped(block, part.cache_control)


def plain(content: list[dict[str, Json]]) -> Json:
    """A string for at most one bare text, else the list as it is."""
    if not content:
        return ""
    if len(content) == 1 and content[0].keys() == {"type", "text"}:
        return content[0]["text"]
    return content


def _block(part: Part, attempt: Attempt) -> dict[str, Json] | None:
    match part:
        case Text():
            return write_text(part)
        case Thinking():
            return _thinking(part)
        case Media():
            return write_media(part)
        case ToolCall():
            return _tool_use(part, attempt)
        case ToolResult():
            return _tool_result(part, attempt)
        case Opaque(dialect="claude"):
            return part.raw  # type: ignore[no-any-return]
        case Opaque():
            return {"type": "text", "text": part.text} if part.text else None


def _thinking(part: Thinking) -> dict[str, Json]:
    value = part.seal.value if part.seal else ""
    if part.redacted:
        block: dict[str, Json] = {"type": "redacted_thinking", "data": value}
    else:
        block = {"type": "thinking", "thinking": part.text, "signature": value}
    return stamped({**block, **own(part.extra, NAME)}, part.cache_control)


def _tool_use(part: ToolCall, attempt: Attempt) -> dict[str, Json]:
    arguments = part.arguments
    block = {
        "type": "tool_use",
        "id": lower_id(part.id),
        "name": lower(part.name, part.namespace, part.kind, attempt.registry),
        "input": {CUSTOM: arguments} if part.kind == "custom" else input_object(arguments),
        **own(part.extra, NAME),
    }
    return stamped(block, part.cache_control)


def _tool_result(part: ToolResult, attempt: Attempt) -> dict[str, Json]:
    content = write_blocks(part.parts, attempt)
    form = note(part.extra, NAME, "content")
    block: dict[str, Json] = {"type": "tool_result", "tool_use_id": lower_id(part.call_id)}
    if content or form != "none":
        block["content"] = plain(content) if form == "string" else content
    if part.is_error is not None:
        block["is_error"] = part.is_error
    return stamped({**block, **own(part.extra, NAME)}, part.cache_control)
