"""What reaches an upstream of the Responses dialect, by its official types; and Codex's tools."""

from __future__ import annotations

import orjson
import pytest
from openai.types.responses.response_create_params import ResponseCreateParams

from gateway.testing import corpus
from gateway.testing.journeys import decode
from tests.matrix.pairs import FACES, SUBJECT, captured
from tests.scripted.shapes import errors_of

OTHERS = [name for name in FACES if name != "responses"]
TOOLS = [
    {
        "type": "namespace",
        "name": "mcp__files",
        "tools": [
            {"type": "function", "name": "read", "parameters": {"type": "object"}},
            {"type": "custom", "name": "edit", "format": {"type": "text"}},
        ],
    },
    {"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark"}},
]
CALLS = [
    {
        "type": "function_call",
        "call_id": "c1",
        "namespace": "mcp__files",
        "name": "read",
        "arguments": '{"x":1}',
    },
    {"type": "custom_tool_call", "call_id": "c2", "name": "apply_patch", "input": "*** raw"},
    {"type": "function_call_output", "call_id": "c1", "output": "a"},
    {"type": "custom_tool_call_output", "call_id": "c2", "output": "b"},
]


def sent(client, body, headers=None):
    """What a client's request becomes for a Responses upstream."""
    wire = SUBJECT.wire(client, body, headers=headers or {})
    request = SUBJECT.read(client, wire)
    attempt = SUBJECT.attempt("responses", client, stream=bool(request.stream))
    return SUBJECT.write("responses", request, attempt).body


@pytest.mark.parametrize("client", OTHERS)
def test_captured_requests_arrive_valid(client):
    for capture in captured(client):
        body = sent(client, capture.body, capture.headers)

        assert errors_of(ResponseCreateParams, body) == [], capture.name


@pytest.mark.parametrize("name", [entry.name for entry in corpus.requests()])
def test_every_request_of_the_corpus_arrives_valid(name):
    attempt = SUBJECT.attempt("responses", "elsewhere")
    body = SUBJECT.write("responses", corpus.request(name), attempt).body

    assert errors_of(ResponseCreateParams, body) == []


@pytest.mark.parametrize("upstream", OTHERS)
def test_th5_codex_is_given_back_the_tools_that_it_offered(upstream):
    body = {"model": "m", "input": [{"role": "user", "content": "hi"}, *CALLS], "tools": TOOLS}
    request = SUBJECT.read("responses", SUBJECT.wire("responses", body))
    attempt = SUBJECT.attempt(upstream, "responses")
    there = SUBJECT.write(upstream, request, attempt)

    asked = SUBJECT.read(upstream, SUBJECT.arriving(upstream, there))
    names = [tool.name for tool in asked.tools]
    events = decode(SUBJECT, upstream, [reply(upstream, names)], stream=False, attempt=attempt)
    encoder = SUBJECT.encoder("responses", request, attempt)
    encoder.feed(events)

    output = orjson.loads(encoder.close())["output"]
    told = [
        (
            item["type"],
            item.get("namespace"),
            item["name"],
            item.get("arguments", item.get("input")),
        )
        for item in output
    ]
    assert told == [
        ("function_call", "mcp__files", "read", '{"x":1}'),
        ("custom_tool_call", "mcp__files", "edit", "*** raw"),
        ("custom_tool_call", None, "apply_patch", "*** raw"),
    ]


def reply(upstream, names):
    """An upstream's whole reply that calls these tools, free-form ones as functions."""
    texts = ['{"x":1}', '{"input":"*** raw"}', '{"input":"*** raw"}']
    calls = list(zip(names, texts, strict=True))
    return orjson.dumps(REPLIES[upstream](calls))


def _openai(calls):
    made = [
        {"id": f"c{at}", "type": "function", "function": {"name": name, "arguments": text}}
        for at, (name, text) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None, "tool_calls": made}
    return {"id": "r", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}


def _claude(calls):
    blocks = [
        {"type": "tool_use", "id": f"c{at}", "name": name, "input": orjson.loads(text)}
        for at, (name, text) in enumerate(calls)
    ]
    usage = {"input_tokens": 1, "output_tokens": 1}
    head = {"id": "r", "type": "message", "role": "assistant", "model": "m", "usage": usage}
    return {**head, "content": blocks, "stop_reason": "tool_use"}


def _gemini(calls):
    parts = [{"functionCall": {"name": name, "args": orjson.loads(text)}} for name, text in calls]
    content = {"role": "model", "parts": parts}
    return {"candidates": [{"index": 0, "content": content, "finishReason": "STOP"}]}


def _ollama(calls):
    made = [{"function": {"name": name, "arguments": orjson.loads(text)}} for name, text in calls]
    message = {"role": "assistant", "content": "", "tool_calls": made}
    return {"model": "m", "message": message, "done": True, "done_reason": "stop"}


REPLIES = {"openai": _openai, "claude": _claude, "gemini": _gemini, "ollama": _ollama}
