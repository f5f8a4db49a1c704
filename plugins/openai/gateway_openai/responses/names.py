"""Tables of names, both ways: roles, ends, kinds of items, and what is only a hint.

OpenAI's API reference, Responses, and the openai SDK 3.57 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.events import FinishReason

ROLES = ("system", "developer", "user", "assistant")
SYSTEM_ROLES = frozenset({"system", "developer"})

INCOMPLETE_IN: Mapping[str, FinishReason] = MappingProxyType(
    {
        "max_output_tokens": "length",
        "max_tokens": "length",
        "content_filter": "content_filter",
        "context_length_exceeded": "context_exceeded",
    }
)
"""By `incomplete_details.reason`; any other word counts as "length": the answer is not whole."""

INCOMPLETE_OUT: Mapping[FinishReason, str] = MappingProxyType(
    {
        "length": "max_output_tokens",
        "context_exceeded": "max_output_tokens",
        "content_filter": "content_filter",
    }
)
"""The ends that leave a reply incomplete; after all others it is completed."""

OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
USER_ITEMS = frozenset(
    {
        *("computer_call_output", "local_shell_call_output", "shell_call_output"),
        *("apply_patch_call_output", "tool_search_output", "mcp_approval_response"),
        *("additional_tools", "program_output"),
    }
)
"""Items that only this dialect knows and the client's side made; all others the model made."""
TOOL_ITEMS = frozenset({"tool_search_output", "additional_tools"})
"""Items that put more tools on offer."""

ITEM_PREFIX: Mapping[str, str] = MappingProxyType(
    {
        "message": "msg",
        "reasoning": "rs",
        "function_call": "fc",
        "custom_tool_call": "ctc",
        "image_generation_call": "ig",
    }
)
"""How the ids of each kind of item begin."""

SEALED = "reasoning.encrypted_content"
"""What a client puts into `include` to be given the seals of thoughts."""

HINTS = frozenset(
    {
        *("metadata", "store", "service_tier", "user", "safety_identifier", "client_metadata"),
        *("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "include"),
        *("stream_options", "annotations", "logprobs", "detail", "moderation", "truncation"),
        *("text.verbosity", "reasoning.summary", "reasoning.generate_summary"),
        *("reasoning.context", "namespace.description", "parsed_arguments", "parsed", "phase"),
        *("message.phase", "message.parsed", "top_logprobs", "background"),
        *("headers.openai-beta", "headers.session-id", "headers.session_id"),
        *("headers.thread-id", "headers.x-client-request-id", "headers.originator"),
    }
)
"""Fields whose loss leaves the meaning of the answer as it was."""
