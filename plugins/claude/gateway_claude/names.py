"""The words of the Messages API, and what they are called in the hub.

Source: Anthropic's Messages reference and SDK types, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.events import FinishReason

NAME = "claude"

TO_FINISH: Mapping[str, FinishReason] = MappingProxyType(
    {
        "end_turn": "stop",
        "max_tokens": "length",
        "stop_sequence": "stop_sequence",
        "tool_use": "tool_use",
        "pause_turn": "pause",
        "refusal": "refusal",
        "model_context_window_exceeded": "context_exceeded",
    }
)
FROM_FINISH: Mapping[FinishReason, str] = MappingProxyType(
    {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_use": "tool_use",
        "stop_sequence": "stop_sequence",
        "content_filter": "refusal",
        "refusal": "refusal",
        "pause": "pause_turn",
        "context_exceeded": "model_context_window_exceeded",
    }
)

BILLING_HEADER = "x-anthropic-billing-header:"
"""How Claude Code's first system block starts: a cache buster with the caller's account facts."""
BILLING_FIELD = "system[0]"
"""Where that block waits in `extra`, outside the prompt, under the path that it came from."""

HINTS = frozenset(
    [
        *("cache_control", "metadata", "user_id", "user", "display", "context_management"),
        *("service_tier", "eager_input_streaming", "title", "safeguards", BILLING_FIELD),
        *("inference_geo", "speed", "diagnostics", "defer_loading", "input_examples", "ttl"),
        *("allowed_callers", "caller", "cache_key", "block_binding", "transformations", "scope"),
    ]
)
"""Fields whose loss leaves the answer's meaning as it was."""

MEANINGFUL_HEADERS = ("anthropic-beta", "anthropic-version")


def finish_of(stop_reason: str | None, *, called: bool) -> FinishReason:
    """The hub's word for a stop reason; `called` says whether the reply holds a tool call.

    Servers that imitate Claude say `end_turn`, or nothing, after a call; clients would stop.
    """
    reason = TO_FINISH.get(stop_reason or "", "stop")
    return "tool_use" if called and reason == "stop" else reason


def stop_reason_of(reason: FinishReason, *, called: bool) -> str:
    """Claude's word for the hub's finish reason."""
    return FROM_FINISH["tool_use" if called and reason == "stop" else reason]
