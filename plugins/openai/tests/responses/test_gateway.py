"""The dialect in a running gateway: its URLs, compressed bodies, relay, and the official SDK."""

from __future__ import annotations

import aiohttp
import openai
import orjson
import pytest
from backports import zstd
from pydantic import BaseModel

from gateway.testing.upstreams import Reply

CONFIG = """
[upstreams.native]
dialect = "responses"
base_url = "{url}"
keys = ["real-key"]

[upstreams.chat]
dialect = "openai"
base_url = "{url}"
keys = ["real-key"]

[groups.kimi.models]
"native" = "native/real"
"chat" = "chat/real"
"""
ANSWER = {
    "id": "resp_1",
    "object": "response",
    "created_at": 7,
    "status": "completed",
    "model": "real",
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": '{"name":"x"}', "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
}
CHAT = [
    {"index": 0, "delta": {"role": "assistant", "content": '{"name":'}, "finish_reason": None},
    {"index": 0, "delta": {"content": '"x"}'}, "finish_reason": None},
]
CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Named(BaseModel):
    name: str


def chat_stream(*deltas, finish="stop", done=True):
    chunks = [{"id": "c", "model": "real", "choices": [one]} for one in deltas]
    end = {"index": 0, "delta": {}, "finish_reason": finish}
    chunks += [{"id": "c", "model": "real", "choices": [end]}] if finish else []
    data = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks]
    return Reply.stream(b"".join(data) + (b"data: [DONE]\n\n" if done else b""))


@pytest.fixture
async def url(gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    return f"{running.url}/kimi"


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def sdk(url):
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("prefix", ["", "/compat"])
async def test_a_websocket_is_answered_with_426(url, http, prefix):
    headers = {"connection": "Upgrade", "upgrade": "websocket"}

    async with http.get(f"{url}{prefix}/v1/responses", headers=headers) as reply:
        body = await reply.json()

    assert reply.status == 426
    assert "plain HTTP" in body["error"]["message"]


async def test_a_plain_get_is_the_wrong_method(url, http):
    async with http.get(f"{url}/v1/responses") as reply:
        assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/resp_1"),
        ("DELETE", "/resp_1"),
        ("GET", "/resp_1/input_items"),
        ("POST", "/resp_1/cancel"),
    ],
)
async def test_a_stored_response_is_not_found(url, http, method, path):
    async with http.request(method, f"{url}/v1/responses{path}") as reply:
        body = await reply.json()

    assert reply.status == 404
    assert "this gateway keeps none" in body["error"]["message"]


@pytest.mark.parametrize("model", ["native", "chat"])
async def test_a_body_compressed_with_zstd_is_read(url, http, fake_upstream, model):
    native = model == "native"
    fake_upstream.answers(Reply.json(ANSWER) if native else chat_body())
    asked = zstd.compress(orjson.dumps({"model": model, "input": "hi"}))

    async with http.post(
        f"{url}/v1/responses", data=asked, headers={"content-encoding": "zstd"}
    ) as reply:
        assert reply.status == 200

    seen = await fake_upstream.asked()
    assert seen.json()["model"] == "real"
    assert "content-encoding" not in seen.headers


async def test_a_native_upstream_is_relayed_with_what_only_it_keeps(sdk, fake_upstream):
    fake_upstream.answers(Reply.json(ANSWER))

    reply = await sdk.responses.create(model="native", input="hi", previous_response_id="resp_0")

    assert reply.output_text == '{"name":"x"}'
    seen = await fake_upstream.asked()
    assert seen.path == "/v1/responses"
    assert seen.json()["previous_response_id"] == "resp_0"


async def test_elsewhere_what_only_a_provider_keeps_is_refused(sdk, fake_upstream):
    with pytest.raises(openai.BadRequestError, match="keeps no conversations") as refused:
        await sdk.responses.create(model="chat", input="hi", previous_response_id="resp_0")

    assert refused.value.param == "previous_response_id"
    assert fake_upstream.requests == []


async def test_the_stream_helper_reads_a_chat_upstreams_text(sdk, fake_upstream):
    fake_upstream.answers(chat_stream(*CHAT))

    async with sdk.responses.stream(model="chat", input="hi", text_format=Named) as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()

    assert final.output_parsed == Named(name="x")
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    asked = (await fake_upstream.asked()).json()
    assert asked["response_format"]["json_schema"]["name"] == "Named"


async def test_st7_text_and_call_of_one_turn_both_arrive(sdk, fake_upstream):
    call = {"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": None}
    fake_upstream.answers(chat_stream(*CHAT, call, finish="tool_calls"))
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False}

    async with sdk.responses.stream(model="chat", input="hi", tools=[tool]) as stream:
        final = await stream.get_final_response()

    message, called = final.output
    assert message.content[0].text == '{"name":"x"}'
    assert (called.call_id, called.name, called.arguments) == ("c1", "f", "{}")


async def test_st4_the_sdk_raises_when_the_upstream_breaks_off(sdk, fake_upstream):
    fake_upstream.answers(chat_stream(*CHAT, finish=None, done=False))

    with pytest.raises(openai.APIError, match="ended before it was complete"):
        async for _ in await sdk.responses.create(model="chat", input="hi", stream=True):
            pass


async def test_an_upstreams_error_is_the_sdks_own_class(sdk, fake_upstream):
    error = {"error": {"message": "slow down", "type": "rate_limit_error"}}
    fake_upstream.answers(Reply.json(error, status=429, headers={"retry-after": "7"}))

    with pytest.raises(openai.RateLimitError, match="slow down") as limited:
        await sdk.responses.create(model="native", input="hi")

    assert limited.value.response.headers["retry-after"] == "7"


def chat_body():
    message = {"role": "assistant", "content": "hi"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return Reply.json({"id": "c", "model": "real", "choices": [choice]})
