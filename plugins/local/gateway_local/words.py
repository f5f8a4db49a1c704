"""Put in plain words what the demo model's chat template would drop: tools, calls, media.

llama.cpp passes over what a template doesn't print, without an error (see `facts`).
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from gateway.losses import Losses
from gateway.model import (
    ChatRequest,
    Media,
    Message,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)

NO_TOOLS = "the demo model has no tools"


def in_words(request: ChatRequest, losses: Losses) -> ChatRequest:
    """`request` as text alone; what that takes away is recorded."""
    if request.tools:
        losses.add("tools", NO_TOOLS)
    if request.tool_choice:
        losses.add("tool_choice", NO_TOOLS)
    messages = [_message(message, losses) for message in request.messages]
    return evolve(request, messages=messages, tools=None, tool_choice=None)


def _message(message: Message, losses: Losses) -> Message:
    parts = [_part(part, losses) for part in message.parts]
    return evolve(message, parts=parts)


def _part(part: Part, losses: Losses) -> Part:
    match part:
        case Text() | Thinking() | Opaque():
            return part
        case ToolCall():
            losses.add("tool_calls", "told to the demo model in words", "hint")
            return Text(f"[called {part.name} with {part.arguments or '{}'}]")
        case ToolResult():
            losses.add("tool_results", "told to the demo model in words", "hint")
            return Text("[result] " + "\n".join(_texts(part, losses)))
        case Media():
            losses.add(f"media.{part.kind}", f"the demo model can't read {part.kind} parts")
            return Text(f"[{part.kind} left out]")


def _texts(result: ToolResult, losses: Losses) -> Iterator[str]:
    for part in result.parts:
        said = _part(part, losses)
        if isinstance(said, Text | Thinking):
            yield said.text
        elif isinstance(said, Opaque):
            yield said.text or ""
