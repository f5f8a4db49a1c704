"""OpenAI Responses, as Codex and the official SDK read it (2026-11)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from openai.types.responses.response_create_params import ResponseCreateParams

from tests.scripted.answer import Answer, Ask, Usage, call_id
from tests.scripted.openai import error
from tests.scripted.shapes import errors_of
from tests.scripted.strict import responses_rules
from tests.scripted.wire import Body, Frame, Quirks, Wire, pieces, texts

SEALED = "c3R1Yg=="
CODEX_OWN: Mapping[str, Callable[[Body], Sequence[str]]] = {
    "message": lambda item: () if item["role"] == "assistant" else ("id",),
    "custom_tool_call": lambda _: ("status",),
    "reasoning": lambda item: () if item.get("content") else ("content",),
    "web_search": lambda _: ("search_content_types",),
}
"""What Codex 0.169 says to OpenAI beyond the SDK's types, beside `client_metadata`."""


def read(body: Body) -> Ask:
    tools = list(_tools(body.get("tools") or [], None))
    given = body.get("input")
    items = given if isinstance(given, list) else []
    results = [item for item in items if str(item.get("type", "")).endswith("_output")]
    wanted = (body.get("text") or {}).get("format") or {}
    return Ask(
        model=str(body.get("model")),
        stream=bool(body.get("stream")),
        tools=[name for name, _, _ in tools],
        results=[texts(item.get("output")) for item in results],
        schema=wanted.get("schema") if wanted.get("type") == "json_schema" else None,
        kinds={name: kind for name, kind, _ in tools},
        spaces={name: space for name, _, space in tools if space},
    )


def whole(answer: Answer, ask: Ask, quirks: Quirks) -> Body:
    status = "incomplete" if answer.finish == "length" else "completed"
    reason = {"reason": "max_output_tokens"} if answer.finish == "length" else None
    return {
        "id": f"resp_{uuid.uuid4().hex[:20]}",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": status,
        "error": None,
        "incomplete_details": reason,
        "instructions": None,
        "model": ask.model,
        "output": list(_items(answer, ask, quirks)),
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "temperature": 1.0,
        "top_p": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
        "usage": _usage(answer.usage),
    }


def frames(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Frame]:
    full = whole(answer, ask, quirks)
    begun = full | {"status": "in_progress", "output": [], "usage": None}
    numbers = count()

    def event(kind: str, place: Any = "content", **fields: Any) -> Frame:
        return Frame({"type": kind, "sequence_number": next(numbers), **fields}, kind, place)

    yield event("response.created", "head", response=begun)
    yield event("response.in_progress", "head", response=begun)
    for at, item in enumerate(full["output"]):
        yield event("response.output_item.added", output_index=at, item=_opened(item))
        for kind, fields in _grown(item, quirks):
            place = "text" if kind == "response.output_text.delta" else "content"
            yield event(kind, place, item_id=item["id"], output_index=at, **fields)
        yield event("response.output_item.done", output_index=at, item=item)
    yield event(f"response.{full['status']}", "end", response=full)


def failure(message: str) -> Frame:
    problem = {"code": "server_is_overloaded", "message": message}
    response = {"id": "resp_scripted", "object": "response", "status": "failed", "error": problem}
    kind = "response.failed"
    return Frame({"type": kind, "sequence_number": 0, "response": response}, kind)


def check(body: Body) -> list[str]:
    known = _without_codex_own(body) if "client_metadata" in body else body
    return errors_of(ResponseCreateParams, known) or responses_rules(body)


def _without_codex_own(body: Body) -> Body:
    kept = {key: value for key, value in body.items() if key != "client_metadata"}
    for key in kept.keys() & {"tools", "input"}:
        kept[key] = [_plain(one) for one in kept[key]]
    return kept


def _plain(one: Body) -> Body:
    own = CODEX_OWN.get(str(one.get("type")), lambda _: ())(one)
    return {key: value for key, value in one.items() if key not in own}


def _tools(tools: list[Body], space: str | None) -> Iterator[tuple[str, str, str | None]]:
    for tool in tools:
        if tool.get("type") == "namespace":
            yield from _tools(tool.get("tools") or [], tool.get("name"))
        else:
            yield str(tool.get("name") or tool.get("type")), str(tool.get("type")), space


def _items(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Body]:
    if answer.thinking:
        summary = [{"type": "summary_text", "text": answer.thinking}]
        yield {
            "type": "reasoning",
            "id": "rs_stub",
            "summary": summary,
            "encrypted_content": SEALED,
        }
    if text := answer.refusal or (None if answer.calls else answer.text):
        part = {"type": "output_text", "text": text, "annotations": []}
        if answer.refusal:
            part = {"type": "refusal", "refusal": text}
        done = {"role": "assistant", "status": "completed", "content": [part]}
        yield {"type": "message", "id": "msg_stub", **done}
    for at in range(len(answer.calls)):
        yield _call(answer, at, ask, quirks)


def _call(answer: Answer, at: int, ask: Ask, quirks: Quirks) -> Body:
    call, ids = answer.calls[at], {"call_id": f"call_{call_id(at)}", "status": "completed"}
    if ask.kinds.get(call.name) == "custom":
        raw = {"name": call.name, "input": str(call.arguments.get("input", ""))}
        return {"type": "custom_tool_call", "id": f"ctc_{call_id(at)}", **ids, **raw}
    item = {"type": "function_call", "id": f"fc_{call_id(at)}", **ids}
    item |= {"name": call.name, "arguments": call.json}
    if call.name in ask.spaces and "no_namespace" not in quirks:
        item["namespace"] = ask.spaces[call.name]
    return item


def _opened(item: Body) -> Body:
    """An item as it is when it is added: nothing in it yet."""
    empty: Body = {"content": [], "summary": [], "arguments": "", "input": ""}
    opened = {key: empty.get(key, value) for key, value in item.items()}
    return opened | ({"status": "in_progress"} if "status" in item else {})


def _grown(item: Body, quirks: Quirks) -> Iterator[tuple[str, Body]]:
    match item["type"]:
        case "message":
            yield from _grown_message(item["content"][0], quirks)
        case "function_call":
            for piece in pieces(item["arguments"], quirks):
                yield "response.function_call_arguments.delta", {"delta": piece}
            done = {"arguments": item["arguments"], "name": item["name"]}
            yield "response.function_call_arguments.done", done
        case "reasoning":
            part, place = item["summary"][0], {"summary_index": 0}
            blank = {"type": "summary_text", "text": ""}
            yield "response.reasoning_summary_part.added", {"part": blank, **place}
            yield "response.reasoning_summary_text.delta", {"delta": part["text"], **place}
            yield "response.reasoning_summary_text.done", {"text": part["text"], **place}
            yield "response.reasoning_summary_part.done", {"part": part, **place}


def _grown_message(part: Body, quirks: Quirks) -> Iterator[tuple[str, Body]]:
    key = "refusal" if part["type"] == "refusal" else "text"
    name, place = {"text": "output_text", "refusal": "refusal"}[key], {"content_index": 0}
    more: Body = {"logprobs": []} if key == "text" else {}
    yield "response.content_part.added", {"part": part | {key: ""}, **place}
    for piece in pieces(part[key], quirks):
        yield f"response.{name}.delta", {"delta": piece, **more, **place}
    yield f"response.{name}.done", {key: part[key], **more, **place}
    yield "response.content_part.done", {"part": part, **place}


def _usage(usage: Usage) -> Body:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    }


def _dropped(suffix: str) -> Any:
    def edit(data: Body) -> Body | None:
        return None if str(data.get("type")).endswith(suffix) else data

    return edit


WIRE = Wire(
    name="responses",
    read=read,
    whole=whole,
    frames=frames,
    error=error,
    failure=failure,
    check=check,
    edits={
        "no_msg_stop": _dropped("response.completed"),
        "no_item_done": _dropped("output_item.done"),
        "no_deltas": _dropped(".delta"),
    },
)
