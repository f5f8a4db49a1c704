"""The official SDK as the judge of what the encoders write, over a real socket."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import ollama as sdk
import pytest
from aiohttp import web

from gateway.errors import NotAuthenticated, UpstreamError
from gateway.events import (
    Delta,
    Failure,
    Finish,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.losses import Losses
from gateway.model import Seal
from gateway.wire import InboundWire, WireReply
from gateway_ollama.encode import LineEncoder
from gateway_ollama.encode_body import BodyEncoder
from gateway_ollama.errors import write_error
from gateway_ollama.inbound import read_request
from gateway_ollama.models import write_models

ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
EVENTS = [
    Start("r1", "m"),
    PartStart(0, "thinking"),
    Delta(0, "hm"),
    Sealed(0, Seal("sig", "claude")),
    PartEnd(0),
    PartStart(1, "text"),
    Delta(1, "Grü"),
    PartStart(2, "tool_call", id="a", name="f"),
    PartStart(3, "tool_call", id="b", name="g"),
    Delta(3, '{"x": '),
    Delta(2, '{"y": "z"}'),
    Delta(3, "1}"),
    Delta(1, "ße"),
    PartEnd(1),
    PartEnd(2),
    PartEnd(3),
    UsageSeen(Usage(input=9, cached_input=4, output=7)),
    Finish("tool_use"),
]


@pytest.fixture
async def served(aiohttp_server, ollama):
    """The address of a server that answers with these events, or this reply."""

    async def make(answer) -> str:
        async def handle(request: web.Request) -> web.StreamResponse:
            if isinstance(answer, WireReply):
                headers = {**answer.headers, "content-type": answer.content_type}
                return web.Response(body=answer.body, status=answer.status, headers=headers)
            wire = InboundWire(request.method, request.path, body=await request.read())
            asked = read_request(wire, ollama.endpoint(request.path))
            made = (LineEncoder if asked.stream else BodyEncoder)(asked, Losses())
            body = b"".join([made.feed([event]) for event in answer]) + made.close()
            return web.Response(body=body, headers={"content-type": made.content_type})

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handle)
        server = await aiohttp_server(app)
        return str(server.make_url("")).rstrip("/")

    return make


@pytest.fixture
async def client(monkeypatch):
    """Makes async clients without the settings of whoever runs the tests."""
    for name in ("OLLAMA_HOST", "OLLAMA_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    async with AsyncExitStack() as stack:

        async def make(host: str) -> sdk.AsyncClient:
            return await stack.enter_async_context(sdk.AsyncClient(host))

        yield make


def check(message, calls) -> None:
    assert (message.thinking, message.content, message.role) == ("hm", "Grüße", "assistant")
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("f", {"y": "z"}),
        ("g", {"x": 1}),
    ]


def joined(chunks) -> sdk.Message:
    said = [chunk.message for chunk in chunks]
    return sdk.Message(
        role=said[0].role,
        thinking="".join(one.thinking or "" for one in said),
        content="".join(one.content or "" for one in said),
    )


async def test_the_whole_body_is_a_typed_response(served, client):
    reply = await (await client(await served(EVENTS))).chat(**ASK)

    check(reply.message, reply.message.tool_calls)
    assert (reply.done, reply.done_reason) == (True, "stop")
    assert (reply.prompt_eval_count, reply.eval_count) == (9, 7)
    assert reply.eval_duration > 0


async def test_the_stream_is_typed_responses_of_which_the_last_is_done(served, client):
    chunks = [
        one async for one in await (await client(await served(EVENTS))).chat(**ASK, stream=True)
    ]

    calls = [call for one in chunks for call in one.message.tool_calls or ()]
    check(joined(chunks), calls)
    assert [one.done for one in chunks] == [False] * (len(chunks) - 1) + [True]
    assert (chunks[-1].prompt_eval_count, chunks[-1].eval_count) == (9, 7)


async def test_the_sync_client_reads_both_ways(served):
    host = await served(EVENTS)

    def ask() -> None:
        with sdk.Client(host) as told:
            whole = told.chat(**ASK)
            chunks = list(told.chat(**ASK, stream=True))
        check(whole.message, whole.message.tool_calls)
        check(joined(chunks), [call for one in chunks for call in one.message.tool_calls or ()])

    await asyncio.to_thread(ask)


async def test_a_prompt_is_answered_in_both_ways(served, client):
    told = await client(await served([*EVENTS[:7], PartEnd(1), Finish("length")]))

    whole = await told.generate("m", "hi")
    chunks = [one async for one in await told.generate("m", "hi", stream=True)]

    assert (whole.response, whole.thinking, whole.done_reason) == ("Grü", "hm", "length")
    assert "".join(one.response for one in chunks) == "Grü"
    assert "".join(one.thinking or "" for one in chunks) == "hm"


async def test_er1_an_error_that_comes_late_is_raised(served, client):
    failed = await client(await served([*EVENTS[:7], Failure(UpstreamError("too busy"))]))

    with pytest.raises(sdk.ResponseError, match="too busy"):
        async for _ in await failed.chat(**ASK, stream=True):
            pass


async def test_an_error_has_its_words_and_status(served, client):
    refused = await client(await served(write_error(NotAuthenticated("no such key"))))

    with pytest.raises(sdk.ResponseError) as caught:
        await refused.chat(**ASK)

    assert (caught.value.error, caught.value.status_code) == ("no such key", 401)


async def test_us3_lists_and_facts_are_typed(served, client, ollama):
    def write(path, *names, **facts):
        return write_models(ollama.endpoint(path), names, facts)

    listed = await (await client(await served(write("/api/tags", "kimi-k2", "gemma3:12b")))).list()
    shown = await (await client(await served(write("/api/show", "kimi-k2", context=4096)))).show(
        "kimi-k2"
    )
    running = await (await client(await served(write("/api/ps", "kimi-k2")))).ps()

    assert [one.model for one in listed.models] == ["kimi-k2", "gemma3:12b"]
    assert shown.capabilities == ["completion", "tools", "vision"]
    assert shown.modelinfo["babelgate.context_length"] == 4096
    assert running.models[0].expires_at.year == 9999
