"""The lines that the project began with, as curl sends them, on a model that only writes text.

The configuration is `examples/seed.toml`, with a scripted upstream in the local model's place.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.testing.gateways import RunningGateway, start
from gateway.testing.upstreams import FakeUpstream, Reply

EXAMPLE = Path(__file__).parents[2] / "examples/seed.toml"
KEY = "cs-example-key-for-the-seed-0123456789"
"""The key whose digest stands in the example."""
WEATHER = '{"type": "function", "function": {"name": "get_weather", "description": "Get the weather in a given city", "parameters": {"type": "object", "properties": {"city": {"type": "string", "description": "The city to get the weather for"}}, "required": ["city"]}}}'  # noqa: E501 - the line as it was written


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with FakeUpstream() as fake:
        yield fake


@pytest.fixture
async def gateway(upstream: FakeUpstream, tmp_path: Path) -> AsyncIterator[RunningGateway]:
    text = EXAMPLE.read_text().replace("http://127.0.0.1:8080", upstream.url)
    async with start(text, tmp_path) as running:
        yield running


async def curl(*arguments: str) -> bytes:
    """What curl prints for these arguments; it needn't be installed. An HTTP error fails.

    As curl does, `-d` makes it a POST of a form unless a header says otherwise.
    """
    url, data, headers = "", None, {"User-Agent": "curl/8", "Accept": "*/*"}
    rest = iter(arguments)
    for argument in rest:
        if argument == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif argument == "-d":
            data = next(rest).encode()
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        else:
            url = argument
    async with (
        aiohttp.ClientSession() as session,
        session.request("POST" if data else "GET", url, data=data, headers=headers) as reply,
    ):
        body = await reply.read()
        assert reply.status == 200, body
        return body


def written(text: str) -> Reply:
    """A streamed chat completion that holds nothing but text, in pieces of nine characters."""
    pieces = [text[at : at + 9] for at in range(0, len(text), 9)]
    deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
    chunks = [_chunk(delta, None) for delta in deltas]
    lines = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in [*chunks, _chunk({}, "stop")]]
    return Reply.stream(*lines, b"data: [DONE]\n\n")


def _chunk(delta: dict, finish: str | None) -> dict:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gemma"}
    return {**head, "choices": [choice]}


def events(raw: bytes) -> list[dict]:
    return [json.loads(line[6:]) for line in raw.split(b"\n") if line.startswith(b"data: {")]


async def test_claude_lists_the_models_of_kimi(gateway):
    listed = json.loads(await curl("-H", f"x-api-key: {KEY}", f"{gateway.url}/kimi/v1/models"))

    assert [model["id"] for model in listed["data"]] == ["claude-sonnet-5-5", "kimi-k2"]
    assert listed["data"][0]["type"] == "model"
    assert listed["has_more"] is False


async def test_gemini_lists_the_models_of_qwen(gateway):
    listed = json.loads(await curl(f"{gateway.url}/qwen/v1beta/models?key={KEY}"))

    assert [model["name"] for model in listed["models"]] == ["models/qwen3-coder"]


async def test_ollama_chats_without_a_key(gateway, upstream):
    upstream.answers(written("我是一个语言模型。"))
    body = '{"model": "gemma3-12b", "messages": [{"role": "user", "content": "你是哪个家伙?"}], "stream": true}'  # noqa: E501 - as written

    raw = await curl(f"{gateway.url.replace('127.0.0.1', 'localhost')}/api/chat", "-d", body)

    lines = [json.loads(line) for line in raw.splitlines()]
    assert "".join(line["message"]["content"] for line in lines) == "我是一个语言模型。"
    assert [line["done"] for line in lines][-1] is True


async def test_ollama_calls_a_tool_in_compatibility_mode(gateway, upstream):
    upstream.answers(
        written('Let me look. <tool_call>{"name": "get_weather", "arguments": {"city": "Tokyo"}}')
    )
    body = f'{{"model": "gemma3-12b", "messages": [{{"role": "user", "content": "what is the weather in tokyo?"}}], "tools": [{WEATHER}], "stream": true}}'  # noqa: E501 - as written

    raw = await curl(f"{gateway.url}/compat_mode/api/chat", "-d", body)

    lines = [json.loads(line) for line in raw.splitlines()]
    calls = [call for line in lines for call in line["message"].get("tool_calls", ())]
    assert [(c["function"]["name"], c["function"]["arguments"]) for c in calls] == [
        ("get_weather", {"city": "Tokyo"})
    ]
    assert "tool_call" not in "".join(line["message"].get("content", "") for line in lines)


async def test_claude_calls_a_tool_in_compatibility_mode(gateway, upstream):
    upstream.answers(
        written('<invoke name="get_weather"><parameter name="location">北京</parameter></invoke>')
    )
    body = '{"model": "gemma3-12b", "messages": [{"role": "user", "content": "帮我获取下北京的天气"}], "tools": [{"name": "get_weather", "description": "Get weather information", "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}}}], "max_tokens": 1024, "stream": true}'  # noqa: E501 - as written
    headers = ("-H", f"x-api-key: {KEY}", "-H", "Content-Type: application/json")
    version = ("-H", "anthropic-version: 2023-06-01")

    raw = await curl(f"{gateway.url}/compat_mode/v1/messages", *headers, *version, "-d", body)

    seen = events(raw)
    starts = [event["content_block"] for event in seen if event["type"] == "content_block_start"]
    pieces = [
        event["delta"]["partial_json"]
        for event in seen
        if event.get("delta", {}).get("type") == "input_json_delta"
    ]
    assert [block["name"] for block in starts if block["type"] == "tool_use"] == ["get_weather"]
    assert json.loads("".join(pieces)) == {"location": "北京"}
    assert seen[-2]["delta"]["stop_reason"] == "tool_use"


async def test_openai_calls_a_tool_in_compatibility_mode(gateway, upstream):
    upstream.answers(
        written('```json\n{"name": "search_web", "arguments": {"query": "杭州 景点"}}\n```')
    )
    body = '{"model": "gemma3-12b", "messages": [{"role": "user", "content": "帮我查下杭州有啥好玩的"}], "tools": [{"type": "function", "function": {"name": "search_web", "description": "Search the web", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}}}], "stream": true}'  # noqa: E501 - as written
    headers = ("-H", f"Authorization: Bearer {KEY}", "-H", "Content-Type: application/json")

    raw = await curl(f"{gateway.url}/compat_mode/v1/chat/completions", *headers, "-d", body)

    choices = [event["choices"][0] for event in events(raw) if event["choices"]]
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls") or ()]
    assert calls[0]["function"]["name"] == "search_web"
    arguments = "".join(call["function"].get("arguments") or "" for call in calls)
    assert json.loads(arguments) == {"query": "杭州 景点"}
    assert choices[-1]["finish_reason"] == "tool_calls"


async def test_gemini_calls_a_tool_in_compatibility_mode(gateway, upstream):
    upstream.answers(
        written("<function=get_stock_price>\n<parameter=symbol>\nGOOG\n</parameter>\n</function>")
    )
    body = '{"contents": [{"role": "user", "parts": [{"text": "What is the price of GOOG stock?"}]}], "tools": [{"functionDeclarations": [{"name": "get_stock_price", "description": "Get the latest price of a stock", "parameters": {"type": "OBJECT", "properties": {"symbol": {"type": "STRING", "description": "The stock ticker symbol"}}, "required": ["symbol"]}}]}]}'  # noqa: E501 - as written
    path = "/compat_mode/v1beta/models/gemma3-12b:streamGenerateContent?alt=sse"
    header = ("-H", "Content-Type: application/json")

    raw = await curl(f"{gateway.url}{path}&key={KEY}", *header, "-d", body)

    candidates = [event["candidates"][0] for event in events(raw)]
    parts = [part for one in candidates for part in one["content"]["parts"]]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    assert [(call["name"], call["args"]) for call in calls] == [
        ("get_stock_price", {"symbol": "GOOG"})
    ]
    assert candidates[-1]["finishReason"] == "STOP"
