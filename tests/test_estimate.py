"""A guess has to be of the right size and to grow with what is read; more it can't promise."""

from __future__ import annotations

from attrs import evolve

from gateway.estimate import estimate_text, estimate_tokens
from gateway.model import (
    ChatRequest,
    Media,
    Message,
    Opaque,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)

REQUEST = ChatRequest("m", [Message("user", [Text("What is the capital of France?")])])


def with_part(part) -> int:
    return estimate_tokens(evolve(REQUEST, messages=[*REQUEST.messages, Message("user", [part])]))


def test_a_short_question_is_about_a_dozen_tokens():
    assert 8 <= estimate_tokens(REQUEST) <= 20


def test_an_empty_request_is_one_token():
    assert estimate_tokens(ChatRequest("m", [])) == 1


def test_text_outside_ascii_weighs_more():
    assert estimate_text("東京の天気") == 5
    assert estimate_text("weather") == 2


def test_every_kind_of_part_counts():
    base = estimate_tokens(REQUEST)
    parts = [
        Text("more of it"),
        Thinking("let me think"),
        ToolCall("a", "read_file", '{"path": "a.txt"}'),
        ToolResult("a", [Text("contents")]),
        Opaque("claude", {"type": "search_result"}),
        Opaque("claude", {}, text="a tool is now available"),
    ]

    assert all(with_part(part) > base + 4 for part in parts)


def test_an_image_costs_the_same_whatever_its_size_and_a_document_does_not():
    small, large = "x" * 100, "x" * 600_000

    assert with_part(Media("image", data=small)) == with_part(Media("image", data=large))
    assert with_part(Media("document", data=large)) > 5 * with_part(Media("document", data=small))


def test_the_system_text_and_the_tools_count():
    tool = Tool("read", "Reads a file.", {"type": "object", "properties": {"path": {}}})
    full = evolve(REQUEST, system=[Text("Be brief and kind.")], tools=[tool])

    assert estimate_tokens(full) > estimate_tokens(REQUEST) + 15
