"""The official anthropic SDK as a client: plain calls, and its stream helper."""

from __future__ import annotations

from typing import Any

import anthropic
from anthropic.types import Message, TextBlock, ThinkingBlock, ToolUseBlock, Usage

from tests.matrix_sdk.outcome import Outcome, Tokens

TOOL = {
    "name": "get_weather",
    "description": "The weather of the next days.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"],
    },
}


def make(base_url: str, key: str) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0, timeout=20)


def request(model: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hello"}]
    return {"model": model, "max_tokens": 1024, "messages": messages, **fields}


def whole(client: anthropic.Anthropic, body: dict[str, Any]) -> Outcome:
    return _outcome(client.messages.create(**body))


def streamed(client: anthropic.Anthropic, body: dict[str, Any]) -> Outcome:
    """Through the stream helper, which accumulates and checks each event."""
    with client.messages.stream(**body) as stream:
        seen = [event.type for event in stream]
        final: Message = stream.get_final_message()
    assert seen.count("message_start") == seen.count("message_stop") == 1
    assert seen.count("content_block_start") == seen.count("content_block_stop")
    assert seen.count("content_block_start") == len(final.content)
    return _outcome(final)


def _outcome(message: Message) -> Outcome:
    blocks = message.content
    calls = [block for block in blocks if isinstance(block, ToolUseBlock)]
    thinking = [block.thinking for block in blocks if isinstance(block, ThinkingBlock)]
    return Outcome(
        text="".join(block.text for block in blocks if isinstance(block, TextBlock)),
        thinking="".join(thinking),
        calls=[(call.name, call.input) for call in calls],
        call_ids=[call.id for call in calls],
        finish=message.stop_reason,
        stop_sequence=message.stop_sequence,
        model=message.model,
        tokens=_tokens(message.usage),
    )


def _tokens(usage: Usage) -> Tokens:
    cached = usage.cache_read_input_tokens
    read = usage.input_tokens + (cached or 0) + (usage.cache_creation_input_tokens or 0)
    return Tokens(read, cached, usage.output_tokens)
