"""Gemini's words and ours, both ways.

Source: Gemini API reference, `GenerateContentResponse.FinishReason`, `FunctionCallingConfig`,
`ThinkingConfig.ThinkingLevel`, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from gateway.events import FinishReason
from gateway.model import Role

DIALECT = "gemini"

HINTS = frozenset(["labels", "safetySettings", "safety_settings", "serviceTier", "service_tier"])
"""Fields whose loss leaves the answer's meaning as it was, in both spellings."""

MALFORMED = frozenset({"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"})
"""Reasons that come in place of an answer: the model tried to call a tool and failed."""

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
        "MALFORMED_RESPONSE": "stop",
        "UNEXPECTED_TOOL_CALL": "stop",
        "TOO_MANY_TOOL_CALLS": "stop",
        "MISSING_THOUGHT_SIGNATURE": "stop",
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

ROLE_OF: Mapping[str, Role] = MappingProxyType(
    {"user": "user", "model": "assistant", "function": "user", "tool": "user", "system": "system"}
)

EFFORT_OF: Mapping[str, str] = MappingProxyType(
    {"MINIMAL": "minimal", "LOW": "low", "MEDIUM": "medium", "HIGH": "high"}
)
LEVEL_TO: Mapping[str, str] = MappingProxyType(
    {
        "minimal": "MINIMAL",
        "low": "LOW",
        "medium": "MEDIUM",
        "high": "HIGH",
        "xhigh": "HIGH",
        "max": "HIGH",
    }
)

ChoiceMode = Literal["auto", "none", "required", "tool"]
MODE_OF: Mapping[str, ChoiceMode] = MappingProxyType(
    {"AUTO": "auto", "VALIDATED": "auto", "NONE": "none", "ANY": "required"}
)
MODE_TO: Mapping[ChoiceMode, str] = MappingProxyType(
    {"auto": "AUTO", "none": "NONE", "required": "ANY", "tool": "ANY"}
)
