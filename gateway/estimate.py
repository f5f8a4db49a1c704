"""Guess how long a request is, where no provider counts it. Every use says that it is a guess.

The weights are round figures: about 3.5 ASCII characters a token, one token for any other
character. Prose is shorter than that and dense JSON longer, by a fifth or so.
"""

from __future__ import annotations

import orjson

from gateway.model import (
    ChatRequest,
    Media,
    Opaque,
    Part,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)

PER_ASCII = 0.28
PER_OTHER = 1.0
PER_IMAGE = 1_200
PER_MESSAGE = 4
BASE64_PER_PAGE = 60_000
PER_PAGE = 2_000


def estimate_tokens(request: ChatRequest) -> int:
    """Tokens of `request` as the model would read it, at least 1."""
    total = 0.0
    for piece in request.system:
        total += _text(piece.text)
    for message in request.messages:
        total += PER_MESSAGE
        for part in message.parts:
            total += _part(part)
    for tool in request.tools or ():
        total += _tool(tool)
    return max(1, round(total))


def estimate_text(text: str) -> int:
    """Tokens of a piece of text."""
    return round(_text(text))


def _text(text: str) -> float:
    if text.isascii():
        return len(text) * PER_ASCII
    plain = len(text.encode("ascii", "ignore"))
    return plain * PER_ASCII + (len(text) - plain) * PER_OTHER


def _part(part: Part) -> float:
    match part:
        case Text() | Thinking():
            return _text(part.text)
        case ToolCall():
            return _text(part.name) + _text(part.arguments) + PER_MESSAGE
        case ToolResult():
            return PER_MESSAGE + sum(_part(inner) for inner in part.parts)
        case Media(kind="document"):
            return max(1, len(part.data or "") / BASE64_PER_PAGE) * PER_PAGE
        case Media():
            return PER_IMAGE
        case Opaque():
            return _text(part.text) if part.text else len(orjson.dumps(part.raw)) * PER_ASCII


def _tool(tool: Tool) -> float:
    schema = len(orjson.dumps(tool.schema)) if tool.schema else 0
    return _text(tool.name) + _text(tool.description or "") + schema * PER_ASCII + PER_MESSAGE
