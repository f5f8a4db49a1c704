"""Providers that refuse a turn of theirs without its seal, or with another turn's.

Each thinks, and calls the one offered tool for every user's question; it answers in words once it
has the result. A Gemini call wants its own signature back; a Claude call wants the signed thought
before it, as long as thinking is on; a Responses call wants the encrypted reasoning before it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from attrs import define, field

Body = dict[str, Any]
Frames = Iterator[tuple[str, Body]]
DONE = "It is done."
PLAN = "The tool knows."


@define
class Provider:
    """seals: what each is of: a call's id. refused: why requests were refused.

    seen: the ids of the calls in the last request.
    """

    url: str = ""
    seals: dict[str, str] = field(factory=dict)
    refused: list[str] = field(factory=list)
    seen: list[str] = field(factory=list)
    made: list[str] = field(factory=list)
    numbered: bool = False

    def new_call(self) -> tuple[str, str]:
        """A call's id, and its seal. numbered: every turn's call has the same id."""
        call = "call_0" if self.numbered else f"call_{uuid.uuid4().hex[:12]}"
        seal = uuid.uuid4().hex
        self.seals[seal] = call
        self.made.append(call)
        return call, seal

    def check(self, call: str, seal: str | None) -> None:
        self.seen.append(call)
        if seal is None or self.seals.get(seal) != call:
            self.refused.append(f"call {call} has the seal {seal}")


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_post("/v1beta/models/{what}", _answered(provider, _gemini))
    app.router.add_post("/v1/messages", _answered(provider, _claude))
    app.router.add_post("/v1/responses", _answered(provider, _responses))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


def _answered(provider: Provider, make: Callable[[Provider, Body], tuple[Body, Frames]]) -> Any:
    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        provider.seen.clear()
        whole, frames = make(provider, body)
        if provider.refused:
            return web.json_response({"error": {"message": provider.refused[-1]}}, status=400)
        if not (body.get("stream") or "stream" in request.path):
            return web.json_response(whole)
        lines = [f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in frames]
        return web.Response(text="".join(lines), content_type="text/event-stream")

    return handle


# --- Gemini ---


def _gemini(provider: Provider, body: Body) -> tuple[Body, Frames]:
    for turn in body["contents"]:
        for part in turn["parts"]:
            if "functionCall" in part:
                provider.check(part["functionCall"]["id"], part.get("thoughtSignature"))
    parts = list(_gemini_parts(provider, body["contents"][-1]["parts"]))

    def reply(some: list[Body], *, last: bool) -> Body:
        end = {"finishReason": "STOP"} if last else {}
        return {"candidates": [{"content": {"role": "model", "parts": some}, **end}]}

    frames = [("message", reply([one], last=one is parts[-1])) for one in parts]
    return reply(parts, last=True), iter(frames)


def _gemini_parts(provider: Provider, last: list[Body]) -> Iterator[Body]:
    if any("functionResponse" in part for part in last):
        yield {"text": DONE}
        return
    call, seal = provider.new_call()
    yield {"text": PLAN, "thought": True}
    made = {"functionCall": {"id": call, "name": "look", "args": {"at": "x", "n": 1}}}
    yield {**made, "thoughtSignature": seal}


# --- Claude ---


def _claude(provider: Provider, body: Body) -> tuple[Body, Frames]:
    if body.get("thinking", {}).get("type") != "enabled":
        provider.refused.append(f"thinking is {body.get('thinking')}")
    for message in body["messages"]:
        blocks = message["content"] if isinstance(message["content"], list) else []
        for at, block in enumerate(blocks):
            if block["type"] == "tool_use":
                before = blocks[at - 1] if at else {}
                whole = before.get("thinking") == PLAN
                provider.check(block["id"], before.get("signature") if whole else None)
    content = list(_claude_blocks(provider, body["messages"][-1]["content"]))
    reason = "tool_use" if content[-1]["type"] == "tool_use" else "end_turn"
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m"}
    usage = {"input_tokens": 1, "output_tokens": 1}
    whole = {**message, "content": content, "stop_reason": reason, "usage": usage}
    return whole, _claude_frames({**message, "content": [], "usage": usage}, content, reason)


def _claude_blocks(provider: Provider, last: Any) -> Iterator[Body]:
    if isinstance(last, list) and any(block["type"] == "tool_result" for block in last):
        yield {"type": "text", "text": DONE}
        return
    call, seal = provider.new_call()
    yield {"type": "thinking", "thinking": PLAN, "signature": seal}
    yield {"type": "tool_use", "id": call, "name": "look", "input": {"at": "x", "n": 1}}


def _claude_frames(message: Body, content: list[Body], reason: str) -> Frames:
    def event(kind: str, **fields: Any) -> tuple[str, Body]:
        return kind, {"type": kind, **fields}

    yield event("message_start", message=message)
    for index, block in enumerate(content):
        match block["type"]:
            case "thinking":
                opened = {"type": "thinking", "thinking": "", "signature": ""}
                said = {"type": "thinking_delta", "thinking": block["thinking"]}
                deltas = [said, {"type": "signature_delta", "signature": block["signature"]}]
            case "text":
                opened = {"type": "text", "text": ""}
                deltas = [{"type": "text_delta", "text": block["text"]}]
            case _:
                opened = {**block, "input": {}}
                said = json.dumps(block["input"])
                deltas = [{"type": "input_json_delta", "partial_json": said}]
        yield event("content_block_start", index=index, content_block=opened)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    end = {"stop_reason": reason, "stop_sequence": None}
    yield event("message_delta", delta=end, usage={"output_tokens": 1})
    yield event("message_stop")


# --- Responses ---


def _responses(provider: Provider, body: Body) -> tuple[Body, Frames]:
    before: Body = {}
    for item in body["input"]:
        if item.get("type") == "function_call":
            provider.check(item["call_id"], before.get("encrypted_content"))
        before = item
    output = list(_responses_items(provider, body["input"][-1]))
    response = {"id": "resp_1", "object": "response", "model": "m", "status": "completed"}
    usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
    whole = {**response, "output": output, "usage": usage}
    return whole, _responses_frames(whole, output)


def _responses_items(provider: Provider, last: Body) -> Iterator[Body]:
    if last.get("type") == "function_call_output":
        said = [{"type": "output_text", "text": DONE, "annotations": []}]
        yield {"id": "msg_1", "type": "message", "role": "assistant", "content": said}
        return
    call, seal = provider.new_call()
    told = [{"type": "summary_text", "text": PLAN}]
    yield {"id": "rs_1", "type": "reasoning", "summary": told, "encrypted_content": seal}
    arguments = json.dumps({"at": "x", "n": 1})
    made = {"type": "function_call", "call_id": call, "name": "look", "arguments": arguments}
    yield {"id": "fc_1", "status": "completed", **made}


def _responses_frames(whole: Body, output: list[Body]) -> Frames:
    begun = {**whole, "output": [], "status": "in_progress"}
    steps: list[tuple[str, Body]] = [("response.created", {"response": begun})]
    for at, item in enumerate(output):
        place = {"output_index": at, "item": item}
        steps += [("response.output_item.added", place), ("response.output_item.done", place)]
    steps.append(("response.completed", {"response": whole}))
    for number, (kind, fields) in enumerate(steps):
        yield kind, {"type": kind, "sequence_number": number, **fields}
