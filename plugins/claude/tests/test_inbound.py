"""What a client of this dialect may send, and how it is told what is wrong."""

from __future__ import annotations

import base64

import pytest

from gateway.errors import BadRequest
from gateway.losses import Losses
from gateway.model import CacheControl, Media, Opaque, Reasoning, Text, ToolCall, ToolChoice
from gateway_claude.inbound import read_request


def user(*blocks):
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def part(read, block):
    return read(user(block)).messages[0].parts[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": None}, "model is required"),
        ({"max_tokens": None}, "max_tokens is required"),
        ({"max_tokens": "5"}, "max_tokens must be a whole number"),
        ({"messages": "hi"}, "messages must be a list"),
        ({"messages": [1]}, r"messages\[0\] must be an object"),
        ({"messages": [{"role": "tool", "content": ""}]}, r"messages\[0\].role must be one of"),
        ({"messages": [{"role": "user"}]}, r"messages\[0\].content must be a string or a list"),
        (user({"text": "x"}), r"messages\[0\].content\[0\].type is required"),
        (user({"type": "text", "text": 1}), r"content\[0\].text must be a string"),
        (user({"type": "tool_use", "id": "a", "name": "f", "input": "x"}), "input must be an obj"),
        (user({"type": "image"}), r"content\[0\].source is required"),
        (user({"type": "text", "text": "", "cache_control": 1}), "cache_control must be an obj"),
        ({"system": [{"type": "image"}]}, r'system\[0\].type must be "text"'),
        ({"system": 1}, "system must be a string or a list"),
        ({"stream": "yes"}, "stream must be true or false"),
        ({"stop_sequences": [1]}, r"stop_sequences\[0\] must be a string"),
        ({"tools": [{}]}, r"tools\[0\].name is required"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name is required"),
        ({"thinking": {"type": 1}}, "thinking.type must be a string"),
        ({"temperature": True}, "temperature must be a number"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(read, change, words):
    with pytest.raises(BadRequest, match=words):
        read(change)


def test_broken_json_is_refused_with_its_place(wire):
    with pytest.raises(BadRequest, match=r"line 1, column \d+"):
        read_request(wire(b'{"model": '), Losses())


def test_counting_tokens_needs_no_max_tokens(read):
    request = read({"max_tokens": None}, path="/kimi/v1/messages/count_tokens")

    assert request.sampling.max_tokens is None


def test_a_system_message_in_the_conversation_keeps_its_place(read):
    messages = [
        {"role": "user", "content": "hi"},
        {"role": "system", "content": "be brief", "output_config": {"effort": "low"}},
        {"role": "user", "content": [{"type": "text", "text": "go"}]},
    ]

    request = read({"messages": messages})

    assert [m.role for m in request.messages] == ["user", "system", "user"]
    assert request.messages[1].parts == [Text("be brief")]
    assert request.messages[1].extra["claude"]["output_config"] == {"effort": "low"}


def test_claude_codes_billing_line_stays_out_of_the_prompt(read):
    line = {"type": "text", "text": "x-anthropic-billing-header: cc_version=2"}

    request = read({"system": [line, {"type": "text", "text": "You are kind."}]})

    assert [text.text for text in request.system] == ["You are kind."]
    assert request.extra["claude"]["system[0]"] == line


def test_a_tool_reference_is_told_in_words(read):
    block = {"type": "tool_reference", "tool_name": "WebFetch"}

    assert part(read, block) == Opaque("claude", block, "Tool WebFetch is now available.")


def test_a_search_result_and_a_document_of_blocks_are_told_in_words(read):
    text = [{"type": "text", "text": "Paris."}]
    found = {"type": "search_result", "source": "https://a", "title": "France", "content": text}
    document = {"type": "document", "title": "T", "source": {"type": "content", "content": text}}

    assert part(read, found).text == "France (https://a)\nParis."
    assert part(read, document).text == "T\nParis."


def test_a_plain_text_document_is_base64_in_the_hub(read):
    source = {"type": "text", "media_type": "text/plain", "data": "Grüße"}

    got = part(read, {"type": "document", "title": "Letter", "source": source})

    data = base64.b64encode("Grüße".encode()).decode()
    assert got == Media("document", mime="text/plain", data=data, name="Letter")


def test_mm2_an_image_inside_a_tool_result_is_a_part_of_it(read):
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}
    block = {
        "type": "tool_result",
        "tool_use_id": "t",
        "is_error": True,
        "content": [{"type": "image", "source": source}],
    }

    got = part(read, block)

    assert (got.call_id, got.is_error) == ("t", True)
    assert got.parts == [Media("image", mime="image/png", data="iVBORw0=")]


def test_pc1_cache_markers_are_read_at_every_level(read):
    mark = {"type": "ephemeral", "ttl": "1h"}
    request = read(
        {
            "system": [{"type": "text", "text": "s", "cache_control": mark}],
            "tools": [{"name": "f", "input_schema": {}, "cache_control": mark}],
            **user({"type": "text", "text": "t", "cache_control": mark}),
            "cache_control": mark,
        }
    )

    assert request.system[0].cache_control == CacheControl("1h")
    assert request.tools[0].cache_control == CacheControl("1h")
    assert request.messages[0].parts[0].cache_control == CacheControl("1h")
    assert request.extra["claude"]["cache_control"] == mark


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"type": "auto"}, ToolChoice("auto")),
        (
            {"type": "any", "disable_parallel_tool_use": True},
            ToolChoice("required", parallel=False),
        ),
        ({"type": "tool", "name": "f"}, ToolChoice("tool", name="f")),
        ({"type": "none"}, ToolChoice("none")),
    ],
)
def test_the_tool_choice_is_read(read, choice, expected):
    assert read({"tool_choice": choice}).tool_choice == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, Reasoning("on", budget=2000)),
        ({"thinking": {"type": "disabled"}}, Reasoning("off")),
        ({"output_config": {"effort": "high"}}, Reasoning(effort="high")),
        (
            {
                "thinking": {"type": "adaptive", "display": "omitted"},
                "output_config": {"effort": "low"},
            },
            Reasoning("adaptive", effort="low", include=False),
        ),
    ],
)
def test_thinking_and_effort_are_read(read, body, expected):
    assert read(body).reasoning == expected


def test_a_server_tool_is_kept_raw(read):
    raw = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}

    (tool,) = read({"tools": [raw]}).tools

    assert (tool.name, tool.kind, tool.extra["claude"]) == ("web_search", "server", raw)


def test_the_user_id_becomes_the_user(read):
    assert read({"metadata": {"user_id": "u"}}).user == "u"


def test_arguments_are_json_text(read):
    block = {"type": "tool_use", "id": "t", "name": "f", "input": {"a": [1, "é"]}}

    assert part(read, block) == ToolCall("t", "f", '{"a":[1,"é"]}')
