"""What else vendors differ in: limits, free-form tools, namespaces, thoughts inside the text."""

from __future__ import annotations

import json

import pytest

from gateway.events import PartStart
from gateway.fold import collect
from gateway.model import (
    ChatRequest,
    Fields,
    Message,
    Sampling,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from gateway_openai.chat.decode import make_decoder
from gateway_openai.chat.outbound import write_request

HI = Message("user", [Text("hi")])
GRAMMAR = {"type": "grammar", "syntax": "lark", "definition": "start: PATCH"}
PATCH = Tool(
    "apply_patch",
    "Changes files.",
    kind="custom",
    extra={"responses": Fields({"format": GRAMMAR}, ("tools", 0))},
)
RAW = '*** Begin Patch\n+"a\\n"\n'


@pytest.mark.parametrize(
    ("vendor", "field"),
    [
        *(("openai", "max_completion_tokens"), ("groq", "max_completion_tokens")),
        *(("deepseek", "max_tokens"), ("vllm", "max_tokens")),
    ],
)
def test_mx1_a_length_above_the_models_most_is_cut_to_it_and_said(chat, vendor, field):
    request = ChatRequest("alias", [HI], sampling=Sampling(max_tokens=64_000))

    body, losses = chat.write(request, facts={"max_output": 8_192}, quirks={"vendor": vendor})

    assert body[field] == 8_192
    assert [(loss.path, loss.weight) for loss in losses] == [("sampling.max_tokens", "meaning")]


@pytest.mark.parametrize("facts", [{}, {"max_output": 64_000}])
def test_mx1_a_length_that_the_model_can_write_stays(chat, facts):
    request = ChatRequest("alias", [HI], sampling=Sampling(max_tokens=64_000))

    body, losses = chat.write(request, facts=facts)

    assert body["max_tokens"] == 64_000
    assert not list(losses)


@pytest.mark.parametrize("stop", [[], [""]])
def test_a_list_of_no_stops_is_left_out(chat, stop):
    assert "stop" not in chat.write(ChatRequest("a", [HI], sampling=Sampling(stop=stop)))[0]


@pytest.mark.parametrize("vendor", ["deepseek", "zhipu"])
def test_a_vendor_that_can_not_be_made_to_call_a_tool_is_left_to_choose(chat, vendor):
    tool, choice = Tool("f", schema={"type": "object"}), ToolChoice("required")
    request = ChatRequest("a", [HI], tools=[tool], tool_choice=choice)

    body, losses = chat.write(request, quirks={"vendor": vendor})

    assert body["tool_choice"] == "auto"
    assert [loss.path for loss in losses] == ["tool_choice"]


def conversation(*tools, choice=None):
    """One round with the first of `tools`, and the next question."""
    one = tools[0]
    call = ToolCall("c1", one.name, RAW, one.kind, one.namespace)
    rounds = [Message("assistant", [call]), Message("user", [ToolResult("c1", [Text("done")])])]
    return ChatRequest("a", [HI, *rounds], tools=list(tools), tool_choice=choice)


def answered(attempt, chat, name, *pieces):
    """The calls of a streamed reply to what `attempt` has written."""
    first = {"index": 0, "id": "c2", "function": {"name": name}}
    more = [{"tool_calls": [{"index": 0, "function": {"arguments": p}}]} for p in pieces]
    decoder = make_decoder(attempt, True)
    data = chat.chunks({"tool_calls": [first]}, *more, finish="tool_calls")
    events = [*decoder.feed(data), *decoder.close()]
    assert any(isinstance(event, PartStart) for event in events)
    return [part for part in collect(events).parts if isinstance(part, ToolCall)]


@pytest.mark.parametrize("vendor", ["deepseek", "openrouter", None])
def test_th5_a_free_form_tool_is_a_function_of_one_string_and_comes_back_as_it_was(chat, vendor):
    attempt = chat.attempt(client="responses", quirks={"vendor": vendor} if vendor else {})
    request = conversation(PATCH, choice=ToolChoice("tool", "apply_patch"))
    body = write_request(request, attempt).body

    function = body["tools"][0]["function"]
    assert body["tools"][0]["type"] == "function"
    assert function["parameters"]["required"] == ["input"]
    assert "start: PATCH" in function["description"]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "apply_patch"}}
    sent = next(m for m in body["messages"] if m["role"] == "assistant")["tool_calls"][0]
    assert sent["type"] == "function"
    assert json.loads(sent["function"]["arguments"]) == {"input": RAW}

    said = json.dumps({"input": RAW})
    (call,) = answered(attempt, chat, "apply_patch", said[:9], said[9:])

    assert (call.kind, call.name, call.arguments) == ("custom", "apply_patch", RAW)


def test_th5_openai_gets_a_free_form_tool_as_such(chat):
    attempt = chat.attempt(client="responses", quirks={"vendor": "openai"})
    request = conversation(PATCH, choice=ToolChoice("tool", "apply_patch"))
    body = write_request(request, attempt).body

    assert body["tools"][0]["type"] == "custom"
    assert body["tool_choice"] == {"type": "custom", "custom": {"name": "apply_patch"}}
    assert body["messages"][1]["tool_calls"][0]["custom"]["input"] == RAW


@pytest.mark.parametrize("server", ["files", "mcp." + "x" * 70])
def test_th5_a_tool_of_a_namespace_comes_back_under_it(chat, server):
    attempt = chat.attempt(client="responses")
    tools = [Tool("read", schema={"type": "object"}, namespace=server), Tool("write")]
    request = conversation(*tools, choice=ToolChoice("tool", "read"))
    body = write_request(request, attempt).body

    name = body["tools"][0]["function"]["name"]
    assert len(name) <= 64
    assert body["messages"][1]["tool_calls"][0]["function"]["name"] == name
    assert body["tool_choice"]["function"]["name"] == name
    (call,) = answered(attempt, chat, name, "{}")

    assert (call.namespace, call.name) == (server, "read")
    assert not list(attempt.losses)


@pytest.mark.parametrize(
    ("said", "content"),
    [([Text("so")], "<think>hm</think>\n\nso"), ([], "<think>hm</think>\n\n")],
)
def test_earlier_thoughts_stand_in_tags_where_the_vendor_takes_them_so(chat, said, content):
    turn = Message("assistant", [Thinking("hm"), *said])

    body, losses = chat.write(
        ChatRequest("a", [HI, turn, HI]), quirks={"reasoning_field": "<think>"}
    )

    assert body["messages"][1] == {"role": "assistant", "content": content}
    assert not list(losses)
