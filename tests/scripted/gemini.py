"""Gemini v1beta, as its command line and SDK read it (2026-11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from tests.scripted.answer import Answer, Ask, Usage, compact
from tests.scripted.gemini_rules import errors_of
from tests.scripted.wire import Body, Frame, Quirks, Wire, pieces

FINISH = {"length": "MAX_TOKENS", "refusal": "PROHIBITED_CONTENT", "content_filter": "SAFETY"}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def read(body: Body) -> Ask:
    """The model and the verb stand in the path; the server adds them as `model` and `stream`."""
    tools = [
        str(declared.get("name"))
        for tool in body.get("tools") or []
        for declared in tool.get("functionDeclarations") or tool.get("function_declarations") or []
    ]
    parts = [part for turn in body.get("contents") or [] for part in turn.get("parts") or []]
    given = [
        part["functionResponse"].get("response") for part in parts if "functionResponse" in part
    ]
    return Ask(
        model=str(body.get("model")),
        stream=bool(body.get("stream")),
        tools=tools,
        results=[_result(each) for each in given],
        schema=_schema(body.get("generationConfig") or {}),
    )


def whole(answer: Answer, ask: Ask, quirks: Quirks) -> Body:
    return _reply(list(_parts(answer, quirks)), answer, ask, _finish(answer))


def frames(answer: Answer, ask: Ask, quirks: Quirks) -> Iterator[Frame]:
    parts = list(_cut(_parts(answer, quirks), quirks))
    for part in parts[:-1]:
        reply = _reply([part], answer, ask, None)
        yield Frame(reply, place="text" if "text" in part else "content")
    yield Frame(_reply(parts[-1:], answer, ask, _finish(answer)), place="end")


def error(status: int, message: str) -> Body:
    known = STATUSES.get(status, "UNKNOWN")
    return {"error": {"code": status, "message": message, "status": known}}


def failure(message: str) -> Frame:
    return Frame(error(503, message))


def _result(given: Any) -> str:
    if isinstance(given, str):
        return given
    return str((given or {}).get("output") or (given or {}).get("result") or compact(given))


def _schema(wanted: Body) -> Body | None:
    schema = wanted.get("responseSchema") or wanted.get("responseJsonSchema")
    return schema or ({} if wanted.get("responseMimeType") == "application/json" else None)


def _finish(answer: Answer) -> str:
    return FINISH.get(answer.finish, "STOP")


def _reply(parts: list[Body], answer: Answer, ask: Ask, finish: str | None) -> Body:
    candidate: Body = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    named = {"modelVersion": ask.model, "responseId": f"stub-{uuid.uuid4().hex[:10]}"}
    return {"candidates": [candidate], "usageMetadata": _usage(answer.usage), **named}


def _parts(answer: Answer, quirks: Quirks) -> Iterator[Body]:
    if answer.thinking:
        yield {"text": answer.thinking, "thought": True}
    if text := answer.refusal or (None if answer.calls else answer.text):
        yield {"text": text}
    for at, call in enumerate(answer.calls):
        called: Body = {"name": call.name, "args": dict(call.arguments)}
        if "fc_id" in quirks:
            called["id"] = f"fcid{at}"
        signed = at == 0 and "no_sig" not in quirks
        yield {"functionCall": called} | ({"thoughtSignature": answer.signature} if signed else {})


def _cut(parts: Iterator[Body], quirks: Quirks) -> Iterator[Body]:
    for part in parts:
        if "text" not in part or part.get("thought"):
            yield part
            continue
        yield from ({"text": piece} for piece in pieces(part["text"], quirks))


def _usage(usage: Usage) -> Body:
    return {
        "promptTokenCount": usage.input,
        "cachedContentTokenCount": usage.cached,
        "candidatesTokenCount": usage.output - usage.reasoning,
        "thoughtsTokenCount": usage.reasoning,
        "totalTokenCount": usage.input + usage.output,
    }


def _no_finish(data: Body) -> Body:
    for candidate in data.get("candidates") or []:
        candidate.pop("finishReason", None)
    return data


WIRE = Wire(
    name="gemini",
    read=read,
    whole=whole,
    frames=frames,
    error=error,
    failure=failure,
    check=errors_of,
    edits={"no_msg_stop": _no_finish, "null_stop": _no_finish},
    content_type="text/event-stream",
)
