"""What upstreams of this dialect are sent: at home as it came, of others only what they take."""

from __future__ import annotations

import pytest
from attrs import evolve

from gateway.errors import BadRequest
from gateway.model import (
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

ASK = Message("user", [Text("hi")])
FUNCTION = {"type": "function", "name": "f", "parameters": {}, "strict": False}


@pytest.mark.parametrize(
    "item",
    [
        {"role": "user", "content": "hi"},
        {"type": "message", "id": "m", "role": "user", "content": [], "new": 1},
        {
            "type": "message",
            "id": "m",
            "status": "completed",
            "role": "assistant",
            "phase": "final_answer",
            "content": [
                {"type": "output_text", "text": "a", "annotations": [], "logprobs": []},
                {"type": "output_text", "text": "", "annotations": [{"type": "url_citation"}]},
                {"type": "refusal", "refusal": "no"},
                {"type": "new_part", "x": 1},
            ],
        },
        {"type": "message", "role": "assistant", "content": []},
        {"type": "message", "role": "assistant", "content": [{"type": "new_part"}]},
        {
            "type": "reasoning",
            "id": "rs",
            "summary": [
                {"type": "summary_text", "text": "a"},
                {"type": "summary_text", "text": "b"},
            ],
            "content": [{"type": "reasoning_text", "text": "c"}],
            "encrypted_content": "e",
        },
        {"type": "custom_tool_call", "id": "i", "call_id": "c", "name": "n", "input": "{"},
        {"type": "message", "role": "system", "content": [{"type": "input_file", "file_id": "f"}]},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_file", "file_data": "data:application/pdf;base64,AA"},
                {"type": "input_file", "file_url": "https://x/y.pdf", "filename": "y"},
                {"type": "input_image", "file_id": "f", "detail": "low"},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3", "n": 1}},
                {"type": "input_text", "text": "t", "prompt_cache_breakpoint": {"mode": "x"}},
            ],
        },
        {"type": "compaction", "encrypted_content": "e"},
    ],
)
def test_law_1_an_item_comes_home_as_it_was(arrows, item):
    first = {"role": "user", "content": "hi"}

    assert arrows.home([first, item]) == [first, item]


@pytest.mark.parametrize(
    "body",
    [
        {"tool_choice": {"type": "function", "name": "f"}, "tools": [FUNCTION]},
        {"tool_choice": {"type": "custom", "name": "f"}, "tools": []},
        {"tool_choice": {"type": "mcp", "server_label": "s"}, "tools": [{"type": "mcp"}]},
        {
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
            },
            "tools": [FUNCTION, {"type": "web_search", "external_web_access": True}],
        },
        {
            "tools": [
                {"type": "namespace", "name": "a", "description": "A", "tools": [FUNCTION]},
                {"type": "namespace", "name": "a", "tools": [FUNCTION, FUNCTION], "new": 1},
                {"type": "namespace", "name": "b", "tools": []},
                {"type": "namespace", "name": "b", "tools": [{"type": "custom", "name": "c"}]},
            ]
        },
        {"reasoning": {"effort": "low", "summary": "concise", "context": "auto"}},
        {"reasoning": {}},
        {"text": {"format": {"type": "text"}, "verbosity": "low"}},
        {"include": ["reasoning.encrypted_content", "message.output_text.logprobs"]},
        {"include": [], "store": True, "truncation": "auto", "a.b": 1, "metadata": {"x": "y"}},
        {"user": "u", "safety_identifier": "s", "stream": False, "top_logprobs": 2},
        {"instructions": "", "prompt_cache_key": "k", "client_metadata": {"a": "b"}},
    ],
)
def test_law_1_a_setting_comes_home_as_it_was(arrows, body):
    sent, losses = arrows.write(arrows.read("hi", **body))

    assert sent == {"model": "real", "input": "hi", **body}
    assert not losses.of_meaning


def test_a_namespace_is_described_when_its_first_tool_is_kept_back(arrows):
    tools = [{**FUNCTION, "name": "one"}, {**FUNCTION, "name": "two"}]
    space = {"type": "namespace", "name": "a", "description": "A", "tools": tools}
    request = arrows.read("hi", tools=[space])

    sent, _ = arrows.write(evolve(request, tools=request.tools[1:]))

    assert sent["tools"] == [{**space, "description": "a", "tools": tools[1:]}]


def test_headers_with_a_meaning_go_home(arrows):
    from gateway.losses import Losses
    from gateway_openai.responses.inbound import read_request
    from gateway_openai.responses.outbound import write_request

    wire = arrows.wire({"model": "m", "input": "hi"}, session_id="s", authorization="secret")
    sent = write_request(read_request(wire, Losses()), arrows.attempt())

    assert sent.headers == {"session-id": "s"}


def test_of_another_dialects_request_nothing_is_kept_by_the_provider(arrows):
    body, _ = arrows.write(ChatRequest("a", [ASK], tools=[Tool("f")]), client="openai")

    assert body == {
        "model": "real",
        "input": [{"type": "message", "role": "user", "content": "hi"}],
        "tools": [
            {
                "type": "function",
                "name": "f",
                "parameters": {"type": "object", "properties": {}},
                "strict": False,
            }
        ],
        "store": False,
    }


def test_a_turn_of_another_dialect_is_written_as_items(arrows):
    seal = Seal("sealed", "responses", "up", "real")
    turn = [
        Thinking("hm", seal=seal),
        Text("I look."),
        ToolCall("c1", "f", "", namespace="n"),
        ToolCall("c2", "p", "raw", kind="custom"),
    ]
    results = [
        ToolResult("c1", [Text("bad")], is_error=True),
        ToolResult("c2", [Media("image", mime="image/png", data="AA")], kind="custom"),
        Text("go on"),
    ]
    body, losses = arrows.write(
        ChatRequest("a", [ASK, Message("assistant", turn), Message("user", results)]),
        client="claude",
    )

    thought, *rest = body["input"][1:]
    assert thought.pop("id").startswith("rs_")
    assert thought == {
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "sealed",
    }
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"}
    assert rest == [
        {"type": "message", "role": "assistant", "content": "I look."},
        {
            "type": "function_call",
            "call_id": "c1",
            "name": "f",
            "namespace": "n",
            "arguments": "{}",
        },
        {"type": "custom_tool_call", "call_id": "c2", "name": "p", "input": "raw"},
        {"type": "function_call_output", "call_id": "c1", "output": "[tool error] bad"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": [image]},
        {"type": "message", "role": "user", "content": "go on"},
    ]
    assert not losses.of_meaning


@pytest.mark.parametrize(
    "thought",
    [Thinking("hm"), Thinking("hm", seal=Seal("s", "claude")), Thinking("", True, Seal("s", "x"))],
)
def test_a_thought_that_the_target_did_not_seal_is_a_loss(arrows, thought):
    turn = Message("assistant", [thought, Text("a")])
    body, losses = arrows.write(ChatRequest("a", [ASK, turn, ASK]), client="claude")

    assert [item["type"] for item in body["input"]] == ["message"] * 3
    assert [loss.path for loss in losses.of_meaning] == ["thinking"]


def test_another_dialects_reasoning_becomes_an_effort_and_asks_for_the_seal(arrows):
    reasoning = Reasoning("on", budget=4000, include=True)
    body, losses = arrows.write(ChatRequest("a", [ASK], reasoning=reasoning), client="claude")

    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}
    assert body["include"] == ["reasoning.encrypted_content"]
    assert [loss.path for loss in losses] == ["reasoning.budget"]


def test_a_model_that_does_not_reason_is_not_asked_to(arrows):
    body, losses = arrows.write(
        ChatRequest("a", [ASK], reasoning=Reasoning(effort="low")),
        client="openai",
        quirks={"no_reasoning": ("re*",)},
    )

    assert "reasoning" not in body
    assert "include" not in body
    assert [(loss.path, loss.weight) for loss in losses] == [("reasoning", "hint")]


def test_what_this_dialect_lacks_is_in_the_ledger(arrows):
    sampling = Sampling(top_k=3, stop=["x"], seed=1)
    _, losses = arrows.write(ChatRequest("a", [ASK], sampling=sampling), client="claude")

    assert {loss.path for loss in losses} == {"sampling.top_k", "sampling.stop", "sampling.seed"}


def test_several_answers_are_refused(arrows):
    with pytest.raises(BadRequest, match="n above 1"):
        arrows.write(ChatRequest("a", [ASK], sampling=Sampling(n=2)), client="openai")


def test_choices_and_forms_of_the_answer_are_written(arrows):
    request = ChatRequest(
        "a",
        [ASK],
        tools=[Tool("f"), Tool("g")],
        tool_choice=ToolChoice("required", allowed=["f"], parallel=False),
        output=Output("schema", schema={"type": "object"}),
    )
    body, _ = arrows.write(request, client="openai", defaults={"top_p": 1}, params={"x": 2})

    assert body["tool_choice"] == {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [{"type": "function", "name": "f"}],
    }
    assert body["text"]["format"] == {
        "type": "json_schema",
        "name": "answer",
        "schema": {"type": "object"},
    }
    assert (body["parallel_tool_calls"], body["top_p"], body["x"]) == (False, 1, 2)


@pytest.mark.parametrize(("most", "sent"), [(8_192, 8_192), (128_000, 64_000)])
def test_mx1_a_length_above_the_models_most_is_cut_to_it_and_said(arrows, most, sent):
    request = ChatRequest("alias", [ASK], sampling=Sampling(max_tokens=64_000))

    body, losses = arrows.write(request, facts={"max_output": most})

    assert body["max_output_tokens"] == sent
    assert [loss.path for loss in losses] == (["sampling.max_tokens"] if most == sent else [])
