"""Claude Messages, as the official SDK of November 2026 reads and writes them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from anthropic.types.beta.message_create_params import MessageCreateParams

from tests.scripted.answer import Answer, Ask, Usage, call_id, compact
from tests.scripted.shapes import errors_of
from tests.scripted.strict import claude_rules
from tests.scripted.wire import Body, Frame, Quirks, Wire, pieces, texts, without

FINISH = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_use": "tool_use",
    "refusal": "refusal",
    "content_filter": "refusal",
}
ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
OLDER = ("temperature", "top_p", "top_k")
"""Left the SDK's types with version 2; models of before then take them still."""
EMPTY: dict[str, Body] = {
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
    "text": {"type": "text", "text": ""},
}


def read(body: Body) -> Ask:
    blocks = [
        block
        for message in body.get("messages") or []
        if isinstance(message.get("content"), list)
        for block in message["content"]
    ]
    results = [block for block in blocks if block.get("type") == "tool_result"]
    return Ask(
        model=str(body.get("model")),
        stream=bool(body.get("stream")),
        tools=[str(tool.get("name")) for tool in body.get("tools") or []],
        results=[texts(block.get("content")) for block in results],
        schema=_schema(body),
    )


def whole(answer: Answer, ask: Ask, quirks: Quirks) -> Body:
    return _message(ask, _usage(answer.usage)) | {
        "content": list(_blocks(answer)),
        "stop_reason": FINISH[answer.finish],
        "stop_sequence": answer.stop_sequence,
    }


def frames(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Frame]:
    usage = _usage(answer.usage)
    message = _message(ask, usage | {"output_tokens": 1})
    yield _event("message_start", "head", message=message)
    yield _event("ping", "head")
    for index, block in enumerate(_blocks(answer)):
        yield from _block_frames(index, block, quirks)
    delta = {"stop_reason": FINISH[answer.finish], "stop_sequence": answer.stop_sequence}
    yield _event("message_delta", "end", delta=delta, usage=usage)
    yield _event("message_stop", "end")


def error(status: int, message: str) -> Body:
    kind = ERROR_TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    return {
        "type": "error",
        "error": {"type": kind, "message": message},
        "request_id": "req_scripted",
    }


def failure(message: str) -> Frame:
    return Frame(error(529, message), "error")


def check(body: Body) -> list[str]:
    known = {key: value for key, value in body.items() if key not in OLDER}
    return errors_of(MessageCreateParams, known) or claude_rules(body)


def _schema(body: Body) -> Body | None:
    wanted = body.get("output_format") or (body.get("output_config") or {}).get("format") or {}
    return wanted.get("schema") or {} if wanted.get("type") == "json_schema" else None


def _event(kind: str, place: Any, **fields: Any) -> Frame:
    return Frame({"type": kind, **fields}, kind, place)


def _message(ask: Ask, usage: Body) -> Body:
    return {
        "id": f"msg_{uuid.uuid4().hex[:20]}",
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }


def _blocks(answer: Answer) -> Iterator[Body]:
    if answer.thinking:
        signed = {"thinking": answer.thinking, "signature": answer.signature}
        yield {"type": "thinking", **signed}
    if text := answer.text or answer.refusal:
        yield {"type": "text", "text": text}
    for at, call in enumerate(answer.calls):
        named = {"id": f"toolu_{call_id(at)}", "name": call.name, "input": dict(call.arguments)}
        yield {"type": "tool_use", **named}


def _block_frames(index: int, block: Body, quirks: Quirks) -> Iterator[Frame]:
    kind = block["type"]
    opened = EMPTY.get(kind) or block | {"input": {}}
    yield _event("content_block_start", "content", index=index, content_block=opened)
    for delta in _deltas(block, quirks):
        place = "text" if kind == "text" else "content"
        yield _event("content_block_delta", place, index=index, delta=delta)
    yield _event("content_block_stop", "content", index=index)


def _deltas(block: Body, quirks: Quirks) -> Iterator[Body]:
    match block["type"]:
        case "thinking":
            for piece in pieces(block["thinking"], quirks):
                yield {"type": "thinking_delta", "thinking": piece}
            if "think_nosig" not in quirks:
                yield {"type": "signature_delta", "signature": block["signature"]}
        case "text":
            for piece in pieces(block["text"], quirks):
                yield {"type": "text_delta", "text": piece}
        case _:
            for piece in pieces(compact(block["input"]), quirks):
                yield {"type": "input_json_delta", "partial_json": piece}


def _usage(usage: Usage) -> Body:
    return {
        "input_tokens": usage.input - usage.cached - usage.written,
        "cache_creation_input_tokens": usage.written,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.output,
    }


def _dropped(kind: str) -> Any:
    """An edit that drops every event of a kind."""

    def edit(data: Body) -> Body | None:
        return None if data.get("type") == kind else data

    return edit


def _no_usage(data: Body) -> Body:
    if isinstance(data.get("message"), dict):
        data["message"].pop("usage", None)
    return without("usage")(data) or data


def _stops(reason: str | None) -> Any:
    def edit(data: Body) -> Body:
        if data.get("type") == "message_delta":
            data["delta"]["stop_reason"] = reason
        return data

    return edit


WIRE = Wire(
    name="claude",
    read=read,
    whole=whole,
    frames=frames,
    error=error,
    failure=failure,
    check=check,
    edits={
        "no_ping": _dropped("ping"),
        "no_block_stop": _dropped("content_block_stop"),
        "no_msg_stop": _dropped("message_stop"),
        "null_stop": _stops(None),
        "stop_for_tool": _stops("end_turn"),
        "no_usage": _no_usage,
    },
)
