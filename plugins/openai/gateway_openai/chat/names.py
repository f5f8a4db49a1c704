"""Tables of names, both ways: roles, finish reasons, media formats, and what is only a hint."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.events import FinishReason

ROLES = ("system", "developer", "user", "assistant", "tool")
SYSTEM_ROLES = frozenset({"system", "developer"})

FINISH_IN: Mapping[str, FinishReason] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_calls": "tool_use",
        "function_call": "tool_use",
        "content_filter": "content_filter",
        "tool_use": "tool_use",
        "end_turn": "stop",
        "eos": "stop",
        "eos_token": "stop",
        "stop_sequence": "stop_sequence",
        "max_tokens": "length",
        "model_length": "context_exceeded",
        "sensitive": "content_filter",
        "refusal": "refusal",
        "repetition_truncation": "length",
    }
)
"""OpenAI's five (API reference, read 2026-11), then words of providers that speak its dialect:
Mistral `model_length`, Zhipu `sensitive`, DeepSeek `repetition_truncation`, and Anthropic's own
words as some bridges leave them. Any other word counts as "stop"."""

FINISH_FAILED = frozenset({"error", "network_error", "insufficient_system_resource", "abort"})
"""Finish reasons that tell of a failure: OpenRouter, Zhipu, DeepSeek, SGLang."""

FINISH_OUT: Mapping[FinishReason, str] = MappingProxyType(
    {
        "stop": "stop",
        "length": "length",
        "tool_use": "tool_calls",
        "stop_sequence": "stop",
        "content_filter": "content_filter",
        "refusal": "content_filter",
        "pause": "stop",
        "context_exceeded": "length",
    }
)

AUDIO_MIME: Mapping[str, str] = MappingProxyType(
    {
        "wav": "audio/wav",
        "mp3": "audio/mpeg",
        "flac": "audio/flac",
        "ogg": "audio/ogg",
        "aac": "audio/aac",
        "m4a": "audio/mp4",
        "pcm16": "audio/pcm",
    }
)
AUDIO_FORMAT: Mapping[str, str] = MappingProxyType(
    {**{mime: name for name, mime in AUDIO_MIME.items()}, "audio/mp3": "mp3", "audio/x-wav": "wav"}
)

HINTS = frozenset(
    {
        *("metadata", "store", "service_tier", "user", "safety_identifier"),
        *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"),
        *("prompt_cache_breakpoint", "cache_control", "stream_options", "annotations"),
        *("image_url.detail", "headers.openai-beta", "moderation"),
    }
)
"""Fields whose loss leaves the meaning of the answer as it was."""
