"""Other dialects' requests, as an Ollama server gets them."""

from __future__ import annotations

import base64

import pytest
from attrs import evolve

from gateway.errors import BadRequest
from gateway.model import (
    CacheControl,
    ChatRequest,
    Media,
    Message,
    Output,
    Reasoning,
    Sampling,
    Seal,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from gateway_ollama.outbound import with_settings

PNG = "iVBORw0KGgo="
HI = Message("user", [Text("hi")])
TOOLS = [Tool("f", "does f", {"type": "object"}), Tool("g")]


def asked(*messages, **fields):
    return ChatRequest("alias", [*messages] or [HI], **fields)


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


def called(*parts):
    """A turn with one call and its result."""
    call = ToolCall("c1", "f", '{"x": 1}')
    return (HI, Message("assistant", [call]), Message("user", [ToolResult("c1", [*parts])]))


def test_the_whole_request_in_its_place(ollama):
    request = asked(
        *called(Text("fine")),
        system=[Text("one"), Text("two")],
        tools=TOOLS,
        sampling=Sampling(temperature=0.5, max_tokens=9, stop=["x"], top_k=3),
        stream=True,
    )

    body, losses = ollama.write(request)

    assert body == {
        "model": "real",
        "messages": [
            {"role": "system", "content": "one\n\ntwo"},
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"x": 1}}}],
            },
            {"role": "tool", "content": "fine", "tool_name": "f", "tool_call_id": "c1"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "does f",
                    "parameters": {"type": "object"},
                },
            },
            {
                "type": "function",
                "function": {"name": "g", "parameters": {"type": "object", "properties": {}}},
            },
        ],
        "options": {"temperature": 0.5, "num_predict": 9, "top_k": 3, "stop": ["x"]},
        "stream": True,
    }
    assert not losses


def test_a_request_that_says_nothing_of_streaming_is_not_streamed(ollama):
    assert ollama.write(asked())[0]["stream"] is False


def test_a_system_message_inside_keeps_its_place(ollama):
    body, _ = ollama.write(asked(HI, Message("system", [Text("now")]), HI))

    assert [one["role"] for one in body["messages"]] == ["user", "system", "user"]


def test_mm2_an_image_of_a_result_stays_with_it(ollama):
    body, losses = ollama.write(
        asked(*called(Text("the screen"), Media("image", "image/png", PNG)))
    )

    assert body["messages"][-1] == {
        "role": "tool",
        "content": "the screen",
        "images": [PNG],
        "tool_name": "f",
        "tool_call_id": "c1",
    }
    assert not losses


def test_a_failed_result_says_so(ollama):
    failed = ToolResult("c1", [Text("no such file")], is_error=True)
    turns = (*called()[:2], Message("user", [failed, Text("go on")]))

    body, _ = ollama.write(asked(*turns))

    assert body["messages"][2]["content"] == "[tool error] no such file"
    assert body["messages"][3] == {"role": "user", "content": "go on"}


def test_what_is_no_image_is_told_in_words(ollama):
    notes = base64.b64encode(b"buy milk").decode()
    parts = [
        Media("document", "text/plain", notes, name="notes.txt"),
        Media("document", "application/pdf", "JVBERi0=", name="r.pdf"),
        Media("image", url="https://example.com/cat.png"),
    ]

    body, losses = ollama.write(asked(Message("user", parts)))

    assert body["messages"][0]["content"] == (
        "notes.txt:\nbuy milk"
        "\n\n[document left out (r.pdf): only images can be sent]"
        "\n\n[image left out (https://example.com/cat.png): it must be sent as bytes]"
    )
    assert [loss.weight for loss in losses] == ["meaning", "meaning"]


def test_names_are_lowered_and_calls_too(ollama):
    name = "namespace.tool with spaces"
    call = ToolCall("c", name, "{}")
    request = asked(
        HI, Message("assistant", [call]), Message("user", [ToolResult("c", [])]), tools=[Tool(name)]
    )
    one = ollama.attempt("openai")

    body, _ = ollama.write(request)
    lowered = body["tools"][0]["function"]["name"]

    assert lowered == one.registry.lower(name) != name
    assert body["messages"][1]["tool_calls"][0]["function"]["name"] == lowered
    assert body["messages"][2]["tool_name"] == lowered


def test_th5_a_result_has_the_name_of_its_call_with_the_namespace(ollama):
    """Codex with an MCP server: results say neither their tool nor its namespace."""
    call = ToolCall("c", "echo", "{}", namespace="mcp__stub")
    turns = (HI, Message("assistant", [call]), Message("user", [ToolResult("c", [Text("ok")])]))

    body, _ = ollama.write(asked(*turns, tools=[Tool("echo", namespace="mcp__stub")]))

    assert body["messages"][1]["tool_calls"][0]["function"]["name"] == "mcp__stub__echo"
    assert body["messages"][2]["tool_name"] == "mcp__stub__echo"


def test_a_custom_tool_is_wrapped_as_a_function(ollama):
    call = ToolCall("c", "patch", "*** Begin", kind="custom")
    turns = (HI, Message("assistant", [call]), Message("user", [ToolResult("c", [Text("ok")])]))

    body, _ = ollama.write(asked(*turns, tools=[Tool("patch", kind="custom")]))

    assert list(body["tools"][0]["function"]["parameters"]["properties"]) == ["input"]
    arguments = body["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert arguments == {"input": "*** Begin"}


def test_arguments_that_are_no_object_are_sent_in_one_field(ollama):
    turns = list(called())
    turns[1] = Message("assistant", [ToolCall("c1", "f", '{"cut')])

    body, losses = ollama.write(asked(*turns))

    function = body["messages"][1]["tool_calls"][0]["function"]
    assert function["arguments"] == {"input": '{"cut'}
    assert paths(losses) == {"tool_calls.c1.arguments": "hint"}


@pytest.mark.parametrize(
    ("choice", "names", "lost"),
    [
        (ToolChoice("auto"), ["f", "g"], {}),
        (ToolChoice("none"), None, {"tool_choice": "hint"}),
        (ToolChoice("required"), ["f", "g"], {"tool_choice": "meaning"}),
        (ToolChoice("auto", allowed=["g"]), ["g"], {"tool_choice": "hint"}),
        (ToolChoice(parallel=False), ["f", "g"], {"tool_choice.parallel": "meaning"}),
    ],
)
def test_a_choice_is_what_is_offered(ollama, choice, names, lost):
    body, losses = ollama.write(asked(tools=TOOLS, tool_choice=choice))

    offered = body.get("tools")
    assert (offered and [one["function"]["name"] for one in offered]) == names
    assert paths(losses) == lost


def test_a_tool_that_must_be_used_is_the_only_one_offered(ollama):
    body, losses = ollama.write(asked(tools=TOOLS, tool_choice=ToolChoice("tool", name="g")))

    assert [one["function"]["name"] for one in body["tools"]] == ["g"]
    assert "meaning" in [loss.weight for loss in losses]


THINKS = {"facts": {"thinking": True}}


@pytest.mark.parametrize(
    ("reasoning", "facts", "think", "lost"),
    [
        (Reasoning("off"), {}, False, {}),
        (Reasoning("on"), THINKS, True, {}),
        (Reasoning("on", budget=99), THINKS, True, {"reasoning.budget": "hint"}),
        (Reasoning("adaptive", effort="low"), THINKS, "low", {}),
        (Reasoning(effort="max"), THINKS, "high", {"reasoning.effort": "hint"}),
        (Reasoning(effort="none"), THINKS, False, {}),
        (Reasoning("adaptive"), THINKS, None, {}),
        (Reasoning("adaptive", effort="high"), {}, None, {"reasoning": "hint"}),
        (Reasoning("adaptive", effort="high"), {"model": "gpt-oss:20b"}, "high", {}),
    ],
)
def test_th1_thinking_is_asked_for_where_the_model_thinks(ollama, reasoning, facts, think, lost):
    body, losses = ollama.write(asked(reasoning=reasoning), **facts)

    assert body.get("think") == think
    assert paths(losses) == lost


def test_th2_thoughts_go_back_to_the_model_that_had_them(ollama):
    own, plain = Seal("s", "ollama", "up", "real"), None
    theirs = Seal("s", "claude", "anthropic", "opus")
    turns = [
        Message("assistant", [Thinking(f"thought {at}", seal=seal), Text("a")])
        for at, seal in enumerate((own, plain, theirs))
    ]

    body, losses = ollama.write(asked(HI, *turns, HI))

    assert [one.get("thinking") for one in body["messages"][1:4]] == [
        "thought 0",
        "thought 1",
        None,
    ]
    assert paths(losses) == {"thinking": "hint", "seal": "hint"}


@pytest.mark.parametrize(
    ("output", "form"),
    [
        (Output("text"), None),
        (Output("json"), "json"),
        (Output("schema", schema={"type": "object"}), {"type": "object"}),
    ],
)
def test_the_form_of_the_answer(ollama, output, form):
    assert ollama.write(asked(output=output))[0].get("format") == form


def test_what_has_no_place_is_in_the_ledger(ollama):
    request = asked(
        Message("user", [Text("hi", cache_control=CacheControl())]),
        tools=[evolve(TOOLS[0], strict=True), Tool("search", kind="server")],
        user="u",
        metadata={"a": 1},
        cache_key="k",
        output=Output("schema", schema={"type": "object"}, name="n", strict=True),
    )

    _, losses = ollama.write(request)

    assert paths(losses) == {
        "tools.strict": "hint",
        "tools": "meaning",
        "output.name": "hint",
        "output.strict": "hint",
        "user": "hint",
        "cache_key": "hint",
        "metadata": "hint",
        "messages.cache_control": "hint",
    }


def test_several_answers_at_once_are_refused(ollama):
    with pytest.raises(BadRequest, match="n > 1"):
        ollama.write(asked(sampling=Sampling(n=2)))


def test_a_request_with_nothing_to_send_is_refused(ollama):
    for request in (ChatRequest("m", []), asked(Message("user", [Text("")]))):
        with pytest.raises(BadRequest, match="messages"):
            ollama.write(request)


def test_configured_defaults_and_params_find_the_options(ollama):
    target = ollama.attempt(
        params={"num_ctx": 8192, "keep_alive": "1h"},
        defaults={"temperature": 0.7, "options": {"seed": 1}},
    ).target
    body = {"model": "m", "options": {"seed": 2, "num_ctx": 1}}

    assert with_settings(body, target) == {
        "model": "m",
        "keep_alive": "1h",
        "options": {"temperature": 0.7, "seed": 2, "num_ctx": 8192},
    }
    assert with_settings(body, ollama.attempt().target) == body
