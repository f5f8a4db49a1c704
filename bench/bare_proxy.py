"""Bare aiohttp proxies: the floor that a gateway in Python is compared with.

usage: bare_proxy.py --port P --upstream http://127.0.0.1:9100 [--mode MODE]
modes:
  pass       bytes in, bytes out, streamed; nothing is parsed (the baseline of every ratio)
  reparse    OpenAI both ways; body and every SSE event go through orjson loads + dumps
  translate  Anthropic Messages in, OpenAI chat completions out: the least mapping that works
"""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import uvloop
from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from aiohttp.client import _RequestContextManager
from aiohttp.streams import StreamReader

Json = Any
Write = Callable[[bytes], Awaitable[None]]
DROP = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
KEEP = ("Content-Type", "Cache-Control")
STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
DONE = b"[DONE]"


class Bare:
    def __init__(self, upstream: str, mode: str) -> None:
        self.upstream = upstream
        self.answer = {"pass": self.relay, "reparse": self.reparse, "translate": self.translate}[
            mode
        ]

    async def session(self, _: web.Application) -> AsyncIterator[None]:
        self.client = ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=60),
            timeout=ClientTimeout(total=None),
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
        )
        yield
        await self.client.close()

    async def health(self, _: web.Request) -> web.StreamResponse:
        return web.Response()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await self.answer(request, await request.read())

    async def relay(self, request: web.Request, body: bytes) -> web.StreamResponse:
        async with self.send(request, body, request.path_qs) as answer:
            if answer.content_length is not None:
                return whole(answer, await answer.read())
            reply = await begin(request, answer)
            async for part in answer.content.iter_any():
                await reply.write(part)
            await reply.write_eof()
            return reply

    async def reparse(self, request: web.Request, body: bytes) -> web.StreamResponse:
        async with self.send(request, again(body), request.path_qs) as answer:
            if answer.content_length is not None:
                return whole(answer, again(await answer.read()))
            reply = await begin(request, answer)
            async for batch in payloads(answer.content):
                out = [b"data: %s\n\n" % (data if data == DONE else again(data)) for data in batch]
                await reply.write(b"".join(out))
            await reply.write_eof()
            return reply

    async def translate(self, request: web.Request, body: bytes) -> web.StreamResponse:
        wanted = to_openai(orjson.loads(body))
        async with self.send(request, orjson.dumps(wanted), "/v1/chat/completions") as answer:
            if not wanted["stream"]:
                return whole(answer, orjson.dumps(from_openai(orjson.loads(await answer.read()))))
            reply = await begin(request, answer)
            await translate_stream(answer.content, wanted["model"], reply.write)
            await reply.write_eof()
            return reply

    def send(self, request: web.Request, body: bytes, path: str) -> _RequestContextManager:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in DROP}
        return self.client.request(request.method, self.upstream + path, data=body, headers=headers)


def whole(answer: ClientResponse, body: bytes) -> web.Response:
    headers = {"Content-Type": answer.headers["Content-Type"]}
    return web.Response(status=answer.status, body=body, headers=headers)


async def begin(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    head = {k: answer.headers[k] for k in KEEP if k in answer.headers}
    reply = web.StreamResponse(status=answer.status, headers=head)
    await reply.prepare(request)
    return reply


def again(body: bytes) -> bytes:
    return orjson.dumps(orjson.loads(body))


async def payloads(content: StreamReader) -> AsyncIterator[list[bytes]]:
    """Yield the data of the events of each read, whatever way the bytes were cut."""
    tail = b""
    async for part in content.iter_any():
        *events, tail = (tail + part).split(b"\n\n")
        out = []
        for event in events:
            at = 0 if event.startswith(b"data:") else event.find(b"\ndata:") + 1
            out.append(event[at + 5 :].lstrip())
        if out:
            yield out


def to_openai(body: Json) -> Json:
    messages: list[Json] = []
    if system := body.get("system"):
        text = system if isinstance(system, str) else "\n".join(b["text"] for b in system)
        messages.append({"role": "system", "content": text})
    for message in body["messages"]:
        add_message(messages, message["role"], message["content"])
    out = {key: body[key] for key in ("model", "max_tokens", "temperature") if key in body}
    out |= {"messages": messages, "stream": bool(body.get("stream"))}
    if tools := body.get("tools"):
        out["tools"] = [{"type": "function", "function": tool(t)} for t in tools]
    if out["stream"]:
        out["stream_options"] = {"include_usage": True}
    return out


def add_message(messages: list[Json], role: str, content: Json) -> None:
    if isinstance(content, str):
        messages.append({"role": role, "content": content})
        return
    parts, calls = [], []
    for block in content:
        match block["type"]:
            case "text":
                parts.append({"type": "text", "text": block["text"]})
            case "tool_use":
                calls.append(call(block))
            case "tool_result":
                result = {"tool_call_id": block["tool_use_id"], "content": block["content"]}
                messages.append({"role": "tool", **result})
    if parts or calls:
        more = {"tool_calls": calls} if calls else {}
        messages.append({"role": role, "content": parts or None, **more})


def call(block: Json) -> Json:
    function = {"name": block["name"], "arguments": orjson.dumps(block["input"]).decode()}
    return {"id": block["id"], "type": "function", "function": function}


def tool(given: Json) -> Json:
    named = {"name": given["name"], "description": given.get("description", "")}
    return {**named, "parameters": given["input_schema"]}


def from_openai(reply: Json) -> Json:
    choice = reply["choices"][0]
    content = [{"type": "text", "text": choice["message"]["content"]}]
    stop = {"stop_reason": STOP[choice["finish_reason"]], "stop_sequence": None}
    return {**message(reply["id"], reply["model"], content), **stop, "usage": usage(reply["usage"])}


async def translate_stream(content: StreamReader, model: str, write: Write) -> None:
    start = {**message("msg_1", model, []), "stop_reason": None, "usage": NO_USAGE}
    block = {"type": "text", "text": ""}
    await write(
        sse("message_start", {"message": start})
        + sse("content_block_start", {"index": 0, "content_block": block})
    )
    stop, used = "end_turn", NO_USAGE
    async for batch in payloads(content):
        out = []
        for data in batch:
            if data == DONE:
                continue
            chunk = orjson.loads(data)
            if got := chunk.get("usage"):
                used = usage(got)
            for choice in chunk["choices"]:
                if text := choice["delta"].get("content"):
                    delta = {"type": "text_delta", "text": text}
                    out.append(sse("content_block_delta", {"index": 0, "delta": delta}))
                if reason := choice.get("finish_reason"):
                    stop = STOP[reason]
        if out:
            await write(b"".join(out))
    ended = {"stop_reason": stop, "stop_sequence": None}
    await write(
        sse("content_block_stop", {"index": 0})
        + sse("message_delta", {"delta": ended, "usage": used})
        + sse("message_stop", {})
    )


NO_USAGE = {"input_tokens": 0, "output_tokens": 0}


def usage(got: Json) -> Json:
    return {"input_tokens": got["prompt_tokens"], "output_tokens": got["completion_tokens"]}


def message(id: str, model: str, content: list[Json]) -> Json:
    kind = {"id": id, "type": "message", "role": "assistant"}
    return {**kind, "model": model, "content": content}


def sse(event: str, data: Json) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), orjson.dumps({"type": event, **data}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--mode", choices=["pass", "reparse", "translate"], default="pass")
    options = parser.parse_args()
    uvloop.install()
    app = web.Application(client_max_size=64 << 20)
    bare = Bare(options.upstream, options.mode)
    app.cleanup_ctx.append(bare.session)
    app.router.add_get("/{path:.*}", bare.health)
    app.router.add_post("/{path:.*}", bare.handle)
    web.run_app(app, host="127.0.0.1", port=options.port, access_log=None, print=None, backlog=4096)


if __name__ == "__main__":
    main()
