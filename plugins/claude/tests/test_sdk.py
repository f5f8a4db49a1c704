"""The official SDK as the judge of what the encoder writes, over a real socket."""

from __future__ import annotations

import anthropic
import pytest
from aiohttp import web

from gateway.errors import NotAuthenticated, PromptTooLong, UpstreamError
from gateway.events import (
    Delta,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.model import ChatRequest, Fields, Message, Seal, Text
from gateway.seals import untagged
from gateway.wire import WireReply
from gateway_claude.encode import encoder
from gateway_claude.errors import write_error
from gateway_claude.models import write_count, write_model, write_models

SEAL = Seal("sig", "claude", "anthropic", "m")
CITATION = {
    "type": "char_location",
    "cited_text": "c",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 1,
}
EVENTS = [
    Start("msg_1", "m"),
    PartStart(0, "thinking"),
    Delta(0, "hm"),
    Sealed(0, SEAL),
    PartEnd(0),
    PartStart(1, "text"),
    Delta(1, "Grü"),
    Ping(),
    PartStart(2, "tool_call", id="a", name="f"),
    PartStart(3, "tool_call", id="b", name="g"),
    Delta(3, '{"x": '),
    Delta(2, '{"y": "z"}'),
    Delta(3, "1}"),
    Delta(1, "ße"),
    PartEnd(1, {"claude": Fields({"citations": [CITATION]}, ())}),
    PartEnd(2),
    PartEnd(3),
    OpaqueEvent(
        "claude",
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        4,
    ),
    UsageSeen(Usage(input=9, cached_input=4, output=7)),
    Finish("tool_use"),
]


@pytest.fixture
async def served(aiohttp_server, attempt):
    """The SDK, talking to a server that answers with these events or this reply."""

    async def make(answer) -> anthropic.AsyncAnthropic:
        async def handle(request: web.Request) -> web.StreamResponse:
            if isinstance(answer, WireReply):
                headers = {**answer.headers, "content-type": answer.content_type}
                return web.Response(body=answer.body, status=answer.status, headers=headers)
            stream = (await request.json()).get("stream", False)
            asked = ChatRequest("m", [Message("user", [Text("hi")])], stream=stream)
            made = encoder(asked, attempt("claude", model="m"))
            body = b"".join([made.feed([event]) for event in answer]) + made.close()
            return web.Response(body=body, headers={"content-type": made.content_type})

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handle)
        server = await aiohttp_server(app)
        client = anthropic.AsyncAnthropic(
            base_url=str(server.make_url("")), api_key="k", max_retries=0
        )
        clients.append(client)
        return client

    clients: list[anthropic.AsyncAnthropic] = []
    yield make
    for client in clients:
        await client.close()


ASK = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def check(message) -> None:
    thinking, text, first, second, server = message.content
    assert (thinking.thinking, untagged(thinking.signature, "claude")) == ("hm", SEAL)
    assert (text.text, text.citations[0].cited_text) == ("Grüße", "c")
    assert (first.id, first.name, first.input) == ("a", "f", {"y": "z"})
    assert (second.id, second.name, second.input) == ("b", "g", {"x": 1})
    assert server.input == {"query": "q"}
    assert message.stop_reason == "tool_use"
    assert (message.usage.input_tokens, message.usage.cache_read_input_tokens) == (5, 4)
    assert message.usage.output_tokens == 7


async def test_the_stream_helper_reads_every_kind_of_part(served):
    client = await served(EVENTS)

    async with client.messages.stream(**ASK) as stream:
        check(await stream.get_final_message())


async def test_the_body_is_the_same_message(served):
    client = await served(EVENTS)

    check(await client.messages.create(**ASK))


async def test_st5_a_call_without_arguments_is_read(served):
    events = [Start(), PartStart(0, "tool_call", id="a", name="f"), PartEnd(0), Finish("tool_use")]
    client = await served(events)

    async with client.messages.stream(**ASK) as stream:
        message = await stream.get_final_message()

    assert message.content[0].input == {}


async def test_er1_the_stream_helper_raises_an_error_that_comes_late(served):
    failure = Failure(UpstreamError("too busy", kind="overloaded"))
    client = await served([*EVENTS[:8], failure])

    with pytest.raises(anthropic.APIStatusError, match="too busy"):
        async with client.messages.stream(**ASK) as stream:
            await stream.get_final_message()


async def test_errors_are_the_sdks_own_classes(served):
    refused = await served(write_error(NotAuthenticated("no such key")))
    long = await served(write_error(PromptTooLong("9 tokens, 5 fit")))

    with pytest.raises(anthropic.AuthenticationError) as caught:
        await refused.messages.create(**ASK)
    with pytest.raises(anthropic.BadRequestError, match="prompt is too long: 9 tokens, 5 fit"):
        await long.messages.create(**ASK)
    assert caught.value.response.headers["x-should-retry"] == "false"


async def test_us3_model_lists_and_counts_are_read(served):
    listed = await served(write_models(["kimi-k2", "claude-*"]))
    single = await served(write_model("kimi-k2"))
    counted = await served(write_count(42, estimated=True))

    assert [model.id async for model in listed.models.list()] == ["kimi-k2", "claude-*"]
    assert (await single.models.retrieve("kimi-k2")).display_name == "kimi-k2"
    count = await counted.messages.count_tokens(model="m", messages=ASK["messages"])
    assert (count.input_tokens, count.to_dict()["estimated"]) == (42, True)
