"""Another dialect's conversation, in turns that Claude takes; empty pieces, cache marks."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import CacheControl, ChatRequest, Message, Text, ToolCall, ToolResult
from gateway_claude.outbound import write_request


def user(*parts):
    return Message("user", [Text(p) if isinstance(p, str) else p for p in parts])


def assistant(*parts):
    return Message("assistant", [Text(p) if isinstance(p, str) else p for p in parts])


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


def text(words):
    return {"type": "text", "text": words}


def test_a_system_message_becomes_marked_text_of_the_user(write):
    body, _ = write(user("hi"), Message("system", [Text("be brief")]), assistant("ok"))

    assert body["messages"][0]["content"] == [
        text("hi"),
        text("<system>\nbe brief\n</system>"),
    ]


def test_a_system_message_between_a_call_and_its_result_follows_the_result(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}")),
        Message("system", [Text("note")]),
        user(ToolResult("a", [])),
    )

    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "text"]


def test_a_target_that_takes_system_messages_gets_them_in_place(write, attempt):
    one = attempt(quirks={"system_messages": True})

    body, _ = write(user("hi"), Message("system", [Text("be brief")]), user("go"), attempt=one)

    assert [message["role"] for message in body["messages"]] == ["user", "system", "user"]


def test_a_conversation_that_the_assistant_opens_gets_a_users_turn_first(write):
    body, losses = write(assistant("Hello!"), user("hi"))

    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert paths(losses) == {"messages[0]": "hint"}


def test_a_begun_reply_is_written_without_the_space_at_its_end(write):
    body, losses = write(user("go"), assistant("The answer is "))

    assert body["messages"][-1]["content"] == [text("The answer is")]
    assert paths(losses) == {"messages[-1]": "hint"}


def test_no_message_at_all_is_refused(attempt):
    with pytest.raises(BadRequest, match="no message"):
        write_request(ChatRequest("m", [], system=[Text("s")]), attempt())


def test_ec1_an_empty_text_is_dropped_when_others_remain(write):
    body, _ = write(user("go"), assistant("", ToolCall("a", "f", "{}")), user(ToolResult("a", [])))

    assert [block["type"] for block in body["messages"][1]["content"]] == ["tool_use"]


def test_ec1_an_empty_user_turn_is_refused_by_its_path(write):
    with pytest.raises(BadRequest, match=r"messages\[1\] has no content"):
        write(user("go"), user(""))


def test_ec1_an_empty_turn_of_the_assistant_is_left_out(write):
    body, losses = write(user("go"), assistant(""), user("on"))

    assert body["messages"] == [{"role": "user", "content": [text("go"), text("on")]}]
    assert paths(losses) == {"messages[1]": "hint"}


def test_pc1_cache_markers_are_carried(write):
    body, _ = write(user(Text("a", cache_control=CacheControl("1h"))))

    mark = {"type": "ephemeral", "ttl": "1h"}
    assert body["messages"][0]["content"][0]["cache_control"] == mark


def test_pc3_a_cache_key_is_a_recorded_hint(write):
    _, losses = write(cache_key="session-1")

    assert paths(losses) == {"cache_key": "hint"}


def test_pc4_the_marker_of_an_empty_text_moves_to_its_neighbour(write):
    body, _ = write(user("a", Text("", cache_control=CacheControl())))

    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}
    ]
