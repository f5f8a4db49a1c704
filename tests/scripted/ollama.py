"""Ollama's own API, chat and generate (2026-11): lines of JSON, the last with `done: true`."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from tests.scripted.answer import Answer, Ask, Usage
from tests.scripted.ollama_rules import errors_of
from tests.scripted.wire import Body, Frame, Quirks, Wire, pieces

NOW = "2026-11-01T00:00:00.000000Z"


def read(body: Body) -> Ask:
    """A body with `prompt` is one of /api/generate; `stream` is on unless it says false."""
    tools = [str((tool.get("function") or {}).get("name")) for tool in body.get("tools") or []]
    messages = body.get("messages") or []
    wanted = body.get("format")
    return Ask(
        model=str(body.get("model")),
        stream=body.get("stream") is not False,
        tools=tools,
        results=[str(m.get("content")) for m in messages if m.get("role") == "tool"],
        schema=wanted if isinstance(wanted, dict) else {} if wanted == "json" else None,
        kinds={"": "generate"} if "prompt" in body else {},
    )


def whole(answer: Answer, ask: Ask, quirks: Quirks) -> Body:
    return _line(ask, _said(answer), answer) | _done(answer)


def frames(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Frame]:
    for piece in pieces(answer.thinking or "", quirks):
        if piece:
            yield Frame(_thought(ask, piece) | {"done": False})
    for piece in pieces(_said(answer), quirks):
        if piece:
            yield Frame(_line(ask, piece, None) | {"done": False}, place="text")
    if answer.calls:
        yield Frame(_line(ask, "", evolve(answer, thinking=None)) | {"done": False})
    yield Frame(_line(ask, "", None) | _done(answer), place="end")


def error(status: int, message: str) -> Body:
    return {"error": message}


def failure(message: str) -> Frame:
    return Frame({"error": message})


def _said(answer: Answer) -> str:
    return answer.refusal or ("" if answer.calls else answer.text or "")


def _thought(ask: Ask, text: str) -> Body:
    line = _line(ask, "", None)
    line.get("message", line)["thinking"] = text
    return line


def _line(ask: Ask, text: str, answer: Answer | None) -> Body:
    head = {"model": ask.model, "created_at": NOW}
    if ask.kinds.get("") == "generate":
        return {**head, "response": text}
    message: Body = {"role": "assistant", "content": text}
    if answer and answer.thinking:
        message["thinking"] = answer.thinking
    if answer and answer.calls:
        called = [{"name": call.name, "arguments": dict(call.arguments)} for call in answer.calls]
        message["tool_calls"] = [{"function": function} for function in called]
    return {**head, "message": message}


def _done(answer: Answer) -> Body:
    reason = "length" if answer.finish == "length" else "stop"
    return {"done_reason": reason, "done": True, **_counts(answer.usage)}


def _counts(usage: Usage) -> Body:
    return {
        "total_duration": 1,
        "load_duration": 1,
        "prompt_eval_count": usage.input,
        "prompt_eval_duration": 1,
        "eval_count": usage.output,
        "eval_duration": 1,
    }


def _not_done(data: Body) -> Body | None:
    return None if data.get("done") else data


WIRE = Wire(
    name="ollama",
    read=read,
    whole=whole,
    frames=frames,
    error=error,
    failure=failure,
    check=errors_of,
    edits={"no_msg_stop": _not_done},
    content_type="application/x-ndjson",
)
