"""The official openai SDK as a client: plain calls, and its stream helper."""

from __future__ import annotations

from typing import Any

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion

from tests.matrix_sdk.outcome import Outcome, Tokens, arguments_of

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of the next days.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
}


def make(base_url: str, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=20)


def request(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello"}], **fields}


def whole(client: openai.OpenAI, body: dict[str, Any]) -> Outcome:
    return _outcome(client.chat.completions.create(**body))


def streamed(client: openai.OpenAI, body: dict[str, Any]) -> Outcome:
    """Through the stream helper, which accumulates; every chunk is a typed object on its way.

    A reply cut by length or by a filter makes the helper raise as the stream ends.
    """
    with client.chat.completions.stream(**body, stream_options={"include_usage": True}) as stream:
        try:
            final: ChatCompletion = stream.get_final_completion()
        except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError):
            final = stream.current_completion_snapshot
    return _outcome(final)


def _outcome(completion: ChatCompletion) -> Outcome:
    choice = completion.choices[0]
    calls = choice.message.tool_calls or []
    assert all(call.type == "function" for call in calls)
    functions = [call.function for call in calls if call.type == "function"]
    extra = choice.message.model_extra or {}
    return Outcome(
        text=choice.message.content or "",
        thinking=extra.get("reasoning_content") or "",
        calls=[(each.name, arguments_of(each.arguments)) for each in functions],
        call_ids=[call.id for call in calls],
        finish=choice.finish_reason,
        refusal=choice.message.refusal,
        model=completion.model,
        tokens=_tokens(completion.usage),
    )


def _tokens(usage: CompletionUsage | None) -> Tokens:
    assert usage is not None
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    details = usage.prompt_tokens_details
    cached = details.cached_tokens if details else None
    return Tokens(usage.prompt_tokens, cached, usage.completion_tokens)
