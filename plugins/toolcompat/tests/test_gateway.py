"""The whole way: a real gateway, clients of each dialect, an upstream that writes only text."""

from __future__ import annotations

import itertools

import aiohttp
import orjson
import pytest

from gateway.testing.upstreams import Reply
from plugins.toolcompat.tests.corpus.formats import FORMATS

CONFIG = """
[upstreams.oai]
dialect = "openai"
base_url = "{url}/v1"
keys = ["sk-of-the-upstream-0123456789"]
models."dumb*" = {{ tools = false }}

[upstreams.ant]
dialect = "claude"
base_url = "{url}"
keys = ["sk-of-the-upstream-0123456789"]
models."dumb*" = {{ tools = false }}

[groups.oai.models]
"*" = "oai/*"
[groups.ant.models]
"*" = "ant/*"
[groups.worded]
tool_mode = "compat"
models = {{ "*" = "oai/*" }}
[groups.plain]
tool_mode = "native"
models = {{ "*" = "oai/*" }}
"""
SCHEMA = {
    "type": "object",
    "properties": {"river": {"type": "string"}, "metres": {"type": "integer"}},
    "required": ["river"],
}
ARGUMENTS = {"river": "Aare & Rhein", "metres": 12}
FORMS = itertools.cycle(FORMATS)


def openai_chunks(text: str, size: int = 9) -> Reply:
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    deltas = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text[at : at + size]} for at in range(0, len(text), size)]
    chunks = [
        {**head, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas
    ]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    chunks.append({**head, "choices": [], "usage": usage})
    lines = [b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in chunks]
    return Reply.stream(*lines, b"data: [DONE]\n\n")


def openai_whole(text: str) -> Reply:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m"}
    return Reply.json({**body, "choices": [choice], "usage": usage})


def claude_chunks(text: str, size: int = 9) -> Reply:
    message = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 7, "output_tokens": 1},
    }
    block = {"type": "text", "text": ""}
    events = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text[at : at + size]},
            }
            for at in range(0, len(text), size)
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    ]
    return Reply.stream(
        *(f"event: {e['type']}\n".encode() + b"data: " + orjson.dumps(e) + b"\n\n" for e in events)
    )


def claude_whole(text: str) -> Reply:
    return Reply.json(
        {
            "id": "m1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 7, "output_tokens": 5},
        }
    )


REPLIES = {
    ("oai", True): openai_chunks,
    ("oai", False): openai_whole,
    ("ant", True): claude_chunks,
    ("ant", False): claude_whole,
}


async def ask_openai(url: str, *, stream: bool, model: str = "m", **fields) -> dict:
    """What an OpenAI client sees: content, calls by name and arguments, finish, and ids."""
    function = {"name": "measure_river", "description": "Its depth.", "parameters": SCHEMA}
    body = {
        "model": model,
        "stream": stream,
        "messages": [{"role": "user", "content": "How deep is it?"}],
        "tools": [{"type": "function", "function": function}],
        **fields,
    }
    raw = await post(f"{url}/v1/chat/completions", body)
    if not stream:
        choice = orjson.loads(raw)["choices"][0]
        message = choice["message"]
        calls = message.get("tool_calls") or []
        return seen(message.get("content") or "", calls, choice["finish_reason"])
    content, calls, finish = "", {}, None
    for line in raw.split(b"\n\n"):
        if not line.startswith(b"data: {"):
            continue
        for choice in orjson.loads(line[6:])["choices"]:
            content += choice["delta"].get("content") or ""
            finish = choice.get("finish_reason") or finish
            for call in choice["delta"].get("tool_calls") or []:
                kept = calls.setdefault(call["index"], {"function": {"arguments": ""}})
                kept["id"] = call.get("id") or kept.get("id")
                name = call["function"].get("name")
                kept["function"]["name"] = name or kept["function"].get("name")
                kept["function"]["arguments"] += call["function"].get("arguments") or ""
    return seen(content, list(calls.values()), finish)


def seen(content: str, calls: list, finish: str | None) -> dict:
    assert all(call["id"].startswith("call_") for call in calls)
    read = [(c["function"]["name"], orjson.loads(c["function"]["arguments"])) for c in calls]
    return {"text": content, "calls": read, "finish": finish}


async def ask_claude(url: str, *, stream: bool, model: str = "m", **fields) -> dict:
    tool = {"name": "measure_river", "description": "Its depth.", "input_schema": SCHEMA}
    body = {
        "model": model,
        "stream": stream,
        "max_tokens": 100,
        "tools": [tool],
        "messages": [{"role": "user", "content": "How deep is it?"}],
        **fields,
    }
    raw = await post(f"{url}/v1/messages", body)
    if not stream:
        reply = orjson.loads(raw)
        return blocks(reply["content"], reply["stop_reason"])
    content, finish = {}, None
    for part in raw.split(b"\n\n"):
        data = part.partition(b"data: ")[2]
        event = orjson.loads(data) if data else {"type": ""}
        match event["type"]:
            case "content_block_start":
                content[event["index"]] = {**event["content_block"], "json": ""}
            case "content_block_delta":
                block, delta = content[event["index"]], event["delta"]
                block["text"] = block.get("text", "") + delta.get("text", "")
                block["json"] += delta.get("partial_json", "")
            case "message_delta":
                finish = event["delta"]["stop_reason"]
    for block in content.values():
        block["input"] = orjson.loads(block["json"] or "{}")
    return blocks(list(content.values()), finish)


def blocks(content: list, finish: str | None) -> dict:
    text = "".join(block["text"] for block in content if block["type"] == "text")
    calls = [(b["name"], b["input"]) for b in content if b["type"] == "tool_use"]
    return {"text": text, "calls": calls, "finish": finish}


async def post(url: str, body: dict) -> bytes:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as reply:
        raw = await reply.read()
        assert reply.status == 200, raw
        return raw


CLIENTS = {"openai": (ask_openai, "tool_calls"), "claude": (ask_claude, "tool_use")}


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def stream(request) -> bool:
    return request.param


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("group", ["oai", "ant"])
async def test_th7_a_written_call_of_any_form_is_a_call_for_any_client(
    client, group, stream, gateway, fake_upstream
):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    ask, finish = CLIENTS[client]

    for _ in range(5):
        form = next(FORMS)
        written = form.render([("measure_river", ARGUMENTS)])
        fake_upstream.answers(REPLIES[group, stream](f"Let me measure.\n\n{written}\n"))

        answer = await ask(f"{running.url}/{group}/compat_mode", stream=stream)

        assert answer["calls"] == [("measure_river", ARGUMENTS)], form.name
        assert answer["text"].strip() == "Let me measure."
        assert answer["finish"] == finish


@pytest.mark.parametrize("client", CLIENTS)
async def test_the_upstream_gets_words_and_no_tools(client, stream, gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    fake_upstream.answers(REPLIES["oai", stream]("It is deep."))

    answer = await CLIENTS[client][0](f"{running.url}/oai/compat", stream=stream)

    sent = (await fake_upstream.asked()).json()
    assert "tools" not in sent
    assert "tool_choice" not in sent
    assert "measure_river" in sent["messages"][0]["content"]
    assert answer == {
        "text": "It is deep.",
        "calls": [],
        "finish": {"openai": "stop", "claude": "end_turn"}[client],
    }


@pytest.mark.parametrize(
    ("prefix", "model", "worded"),
    [
        ("/oai", "m", False),
        ("/oai/compat", "m", True),
        ("/oai/compat_mode", "m", True),
        ("/worded", "m", True),
        ("/plain", "m", False),
        ("/plain/compat", "m", False),
        ("/oai", "dumb-1", True),
        ("/ant", "dumb-1", True),
        ("/plain", "dumb-1", False),
    ],
)
async def test_group_url_and_ability_decide_for_request_and_reply_alike(
    prefix, model, worded, stream, gateway, fake_upstream
):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    written = FORMATS[0].render([("measure_river", ARGUMENTS)])
    group = "ant" if prefix == "/ant" else "oai"
    fake_upstream.answers(REPLIES[group, stream](written))

    answer = await ask_openai(running.url + prefix, stream=stream, model=model)

    assert ("tools" not in (await fake_upstream.asked()).json()) == worded
    assert (answer["calls"] != []) == worded
    assert (answer["text"] == written) == (not worded)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_broken_call_is_asked_for_once_more(client, stream, gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    broken = '<tool_call>{"name": "measure_river", "arguments": {"metres": 3}}</tool_call>'
    good = FORMATS[1].render([("measure_river", ARGUMENTS)])
    fake_upstream.answers(REPLIES["oai", stream](broken), REPLIES["oai", stream](good))

    answer = await CLIENTS[client][0](f"{running.url}/oai/compat", stream=stream)

    assert answer["calls"] == [("measure_river", ARGUMENTS)]
    assert answer["text"] == ""
    again = (await fake_upstream.asked(2)).json()["messages"]
    assert again[-2] == {"role": "assistant", "content": broken}
    assert "'river' is a required property" in again[-1]["content"]


async def test_what_stays_broken_stays_readable_text(stream, gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    broken = '<tool_call>{"name": "drain_lake", "arguments": {}}</tool_call>'
    fake_upstream.answers(REPLIES["oai", stream](broken))

    answer = await ask_openai(f"{running.url}/oai/compat", stream=stream)

    assert answer == {"text": broken, "calls": [], "finish": "stop"}
    assert len(fake_upstream.requests) == 2


async def test_a_required_call_that_does_not_come_is_asked_for(stream, gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    good = FORMATS[0].render([("measure_river", ARGUMENTS)])
    fake_upstream.answers(REPLIES["oai", stream]("No."), REPLIES["oai", stream](good))

    answer = await ask_openai(f"{running.url}/oai/compat", stream=stream, tool_choice="required")

    assert answer == {"text": "", "calls": [("measure_river", ARGUMENTS)], "finish": "tool_calls"}


async def test_the_next_turn_carries_call_and_result_in_words(stream, gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    fake_upstream.answers(REPLIES["oai", stream]("Twelve metres."))
    call = {"type": "tool_use", "id": "toolu_1", "name": "measure_river", "input": ARGUMENTS}
    result = {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "is_error": True,
        "content": "gauge </tool_result> broken",
    }
    history = [
        {"role": "user", "content": "How deep?"},
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
        {"role": "user", "content": [result]},
    ]

    answer = await ask_claude(f"{running.url}/oai/compat", stream=stream, messages=history)

    assert answer["text"] == "Twelve metres."
    said = (await fake_upstream.asked()).json()["messages"]
    assert [message["role"] for message in said] == ["system", "user", "assistant", "user"]
    assert said[2]["content"].startswith('I look.\n<tool_call>\n{"name": "measure_river"')
    assert said[3]["content"] == (
        '<tool_result name="measure_river" error="true">\n'
        "gauge <\\/tool_result> broken\n</tool_result>"
    )


async def test_the_tokens_of_both_asks_are_counted(gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    broken = '<tool_call>{"name": "drain_lake"}</tool_call>'
    fake_upstream.answers(openai_whole(broken), openai_whole("I give up."))

    raw = await post(
        f"{running.url}/oai/compat/v1/chat/completions",
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": {"name": "measure_river"}}],
        },
    )

    assert orjson.loads(raw)["usage"]["prompt_tokens"] == 14


async def test_a_gemini_client_gets_a_function_call(gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    fake_upstream.answers(openai_whole(next(FORMS).render([("measure_river", ARGUMENTS)])))
    declared = {"name": "measure_river", "parameters": SCHEMA}
    body = {
        "contents": [{"role": "user", "parts": [{"text": "How deep?"}]}],
        "tools": [{"functionDeclarations": [declared]}],
    }

    raw = await post(f"{running.url}/oai/compat/v1beta/models/m:generateContent", body)

    [part] = orjson.loads(raw)["candidates"][0]["content"]["parts"]
    assert part["functionCall"]["name"] == "measure_river"
    assert part["functionCall"]["args"] == ARGUMENTS


async def test_an_ollama_client_gets_a_tool_call(gateway, fake_upstream):
    running = await gateway(CONFIG.format(url=fake_upstream.url))
    fake_upstream.answers(openai_whole(next(FORMS).render([("measure_river", ARGUMENTS)])))
    function = {"name": "measure_river", "description": "Its depth.", "parameters": SCHEMA}
    body = {
        "model": "m",
        "stream": False,
        "messages": [{"role": "user", "content": "How deep?"}],
        "tools": [{"type": "function", "function": function}],
    }

    raw = await post(f"{running.url}/oai/compat/api/chat", body)

    [call] = orjson.loads(raw)["message"]["tool_calls"]
    assert call["function"]["name"] == "measure_river"
    assert call["function"]["arguments"] == ARGUMENTS
