"""OpenAI chat completions, as the official SDK of November 2026 reads and writes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParams

from tests.scripted.answer import Answer, Ask, Usage, call_id
from tests.scripted.shapes import errors_of
from tests.scripted.strict import openai_rules
from tests.scripted.wire import Body, Frame, Quirks, Wire, pieces, texts

FINISH = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_use": "tool_calls",
    "refusal": "stop",
    "content_filter": "content_filter",
}
ERROR_TYPES = {429: "rate_limit_error", 401: "authentication_error", 500: "server_error"}


def read(body: Body) -> Ask:
    tools = [(tool.get("function") or tool.get("custom") or {}) for tool in body.get("tools") or []]
    messages = body.get("messages") or []
    return Ask(
        model=str(body.get("model")),
        stream=bool(body.get("stream")),
        tools=[str(tool.get("name")) for tool in tools],
        results=[texts(m.get("content")) for m in messages if m.get("role") == "tool"],
        schema=_schema(body.get("response_format") or {}),
        usage_wanted=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def whole(answer: Answer, ask: Ask, quirks: Quirks) -> Body:
    message: Body = {"role": "assistant", "content": answer.text, "refusal": answer.refusal}
    if answer.calls:
        message["tool_calls"] = [_call(answer, at, quirks) for at in range(len(answer.calls))]
    if answer.thinking:
        message["reasoning_content"] = answer.thinking
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer), "logprobs": None}
    return _head(ask, "chat.completion") | {"choices": [choice], "usage": _usage(answer.usage)}


def frames(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Frame]:
    head = _head(ask, "chat.completion.chunk")

    def chunk(delta: Body, finish: str | None = None) -> Body:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield Frame(chunk({"role": "assistant", "content": ""}), place="head")
    for name in ("reasoning_content", "content", "refusal"):
        for piece in pieces(_said(answer, name), quirks):
            if piece:
                yield Frame(chunk({name: piece}), place="text")
    for at in range(len(answer.calls)):
        for delta in _call_deltas(answer, at, quirks):
            yield Frame(chunk({"tool_calls": [delta]}))
    yield Frame(chunk({}, _finish(answer)), place="end")
    if ask.usage_wanted:
        yield Frame({**head, "choices": [], "usage": _usage(answer.usage)}, place="end")
    yield Frame("[DONE]", place="end")


def error(status: int, message: str) -> Body:
    kind = ERROR_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def failure(message: str) -> Frame:
    return Frame(error(503, message))


def check(body: Body) -> list[str]:
    return errors_of(CompletionCreateParams, body) or openai_rules(body)


def _schema(wanted: Body) -> Body | None:
    if wanted.get("type") not in ("json_schema", "json_object"):
        return None
    return (wanted.get("json_schema") or {}).get("schema") or {}


def _said(answer: Answer, field: str) -> str:
    said = {"reasoning_content": answer.thinking, "content": answer.text, "refusal": answer.refusal}
    return said[field] or ""


def _head(ask: Ask, kind: str) -> Body:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:16]}",
        "object": kind,
        "created": 1_790_000_000,
        "model": ask.model,
        "system_fingerprint": "fp_scripted",
    }


def _finish(answer: Answer) -> str:
    return FINISH[answer.finish]


def _call(answer: Answer, at: int, quirks: Quirks) -> Body:
    call = answer.calls[at]
    arguments: Any = dict(call.arguments) if "obj_args" in quirks else call.json
    function = {"name": call.name, "arguments": arguments}
    return {"id": f"call_{call_id(at)}", "type": "function", "function": function}


def _call_deltas(answer: Answer, at: int, quirks: Quirks) -> Iterator[Body]:
    opened = {"index": at, **_call(answer, at, quirks)}
    if quirks & {"whole_args", "obj_args"}:
        yield opened
        return
    yield opened | {"function": {"name": answer.calls[at].name, "arguments": ""}}
    for piece in pieces(answer.calls[at].json, quirks):
        yield {"index": at, "function": {"arguments": piece}}


def _usage(usage: Usage) -> Body:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _in_delta(*path: str) -> Any:
    """An edit that removes one field of the delta, or of each tool call in it."""

    def edit(data: Body) -> Body:
        for choice in data.get("choices") or []:
            for place in _places(choice.get("delta") or {}, path[:-1]):
                place.pop(path[-1], None)
        return data

    return edit


def _places(delta: Body, path: tuple[str, ...]) -> list[Body]:
    return (delta.get("tool_calls") or []) if path else [delta]


def _finishes(reason: str | None) -> Any:
    def edit(data: Body) -> Body:
        for choice in data.get("choices") or []:
            if choice.get("finish_reason"):
                choice["finish_reason"] = reason
        return data

    return edit


def _empty_tools(data: Body) -> Body:
    for choice in data.get("choices") or []:
        if "tool_calls" not in choice.get("delta", {}):
            choice.get("delta", {})["tool_calls"] = []
    return data


def _no_usage(data: Body) -> Body | None:
    rest = {key: value for key, value in data.items() if key != "usage"}
    return rest if rest.get("choices") else None


WIRE = Wire(
    name="openai",
    read=read,
    whole=whole,
    frames=frames,
    error=error,
    failure=failure,
    check=check,
    edits={
        "no_role": _in_delta("role"),
        "no_index": _in_delta("tool_calls", "index"),
        "no_id": _in_delta("tool_calls", "id"),
        "empty_tools": _empty_tools,
        "null_stop": _finishes(None),
        "stop_for_tool": _finishes("stop"),
        "no_usage": _no_usage,
    },
)
