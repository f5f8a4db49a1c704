"""Gemini's words and ours, both ways.

Source: Gemini API reference, `GenerateContentResponse.FinishReason`, `Schema.Type`, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.events import FinishReason

DIALECT = "gemini"

REASON_OF: Mapping[str, FinishReason] = MappingProxyType(
    {
        "STOP": "stop",
        "MAX_TOKENS": "length",
        "SAFETY": "content_filter",
        "RECITATION": "content_filter",
        "LANGUAGE": "content_filter",
        "BLOCKLIST": "content_filter",
        "PROHIBITED_CONTENT": "content_filter",
        "SPII": "content_filter",
        "IMAGE_SAFETY": "content_filter",
        "IMAGE_PROHIBITED_CONTENT": "content_filter",
        "IMAGE_RECITATION": "content_filter",
        "OTHER": "stop",
        "IMAGE_OTHER": "stop",
        "NO_IMAGE": "stop",
        "FINISH_REASON_UNSPECIFIED": "stop",
        "MALFORMED_FUNCTION_CALL": "stop",
        "UNEXPECTED_TOOL_CALL": "tool_use",
        "TOO_MANY_TOOL_CALLS": "tool_use",
    }
)
"""Unknown reasons count as "stop": a reason was given, so the reply is complete."""

REASON_TO: Mapping[FinishReason, str] = MappingProxyType(
    {
        "stop": "STOP",
        "length": "MAX_TOKENS",
        "tool_use": "STOP",
        "stop_sequence": "STOP",
        "content_filter": "SAFETY",
        "refusal": "SAFETY",
        "pause": "STOP",
        "context_exceeded": "MAX_TOKENS",
    }
)

ROLE_OF: Mapping[str, str] = MappingProxyType(
    {"user": "user", "model": "assistant", "function": "user", "tool": "user", "system": "system"}
)

EFFORT_OF_LEVEL: Mapping[str, str] = MappingProxyType(
    {"MINIMAL": "minimal", "LOW": "low", "MEDIUM": "medium", "HIGH": "high"}
)
LEVEL_OF_EFFORT: Mapping[str, str] = MappingProxyType(
    {
        "minimal": "MINIMAL",
        "low": "LOW",
        "medium": "MEDIUM",
        "high": "HIGH",
        "xhigh": "HIGH",
        "max": "HIGH",
    }
)

MODE_OF: Mapping[str, str] = MappingProxyType({"AUTO": "auto", "NONE": "none", "ANY": "required"})
MODE_TO: Mapping[str, str] = MappingProxyType(
    {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
)

KIND_OF_MIME = (("image/", "image"), ("audio/", "audio"), ("video/", "video"))


def kind_of(mime: str | None) -> str:
    """What a medium of this type is used as; anything that is no picture or sound is a document."""
    for start, kind in KIND_OF_MIME:
        if mime and mime.startswith(start):
            return kind
    return "document"
