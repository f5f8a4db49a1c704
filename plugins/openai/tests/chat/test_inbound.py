"""A client's request into the neutral model, and home again."""

from __future__ import annotations

import json

import pytest

from gateway.errors import BadRequest
from gateway.model import CacheControl, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from gateway_openai.chat.outbound import write_request

ASK = {"role": "user", "content": "hi"}


def request(*messages, **more):
    return {"model": "m", "messages": list(messages) or [ASK], **more}


def test_every_captured_body_comes_home_equal(chat):
    assert len(chat.captures) == 7
    for path in chat.captures:
        body = json.loads(path.read_text())["body"]

        written, losses = chat.home(body)

        if body.get("stream"):
            body.setdefault("stream_options", {"include_usage": True})
        assert written == body, path.name
        assert not list(losses), path.name


RICH = {
    "developer in a list": request(
        {"role": "developer", "content": [{"type": "text", "text": "a"}], "name": "boss"}, ASK
    ),
    "two leading messages": request(
        {"role": "system", "content": "a"}, {"role": "developer", "content": "b"}, ASK
    ),
    "a part list of system text": request(
        {
            "role": "system",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        },
        ASK,
    ),
    "system later": request(ASK, {"role": "developer", "content": "c"}, ASK),
    "unknown fields": request(
        {"role": "system", "content": "s", "name": "n", "x1": 1},
        {"role": "user", "content": [{"type": "text", "text": "t", "x2": 2}], "x3": {"y": [3]}},
        {
            "role": "assistant",
            "content": None,
            "x4": 4,
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "x5": 5,
                    "function": {"name": "f", "arguments": "{ }", "x6": 6},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "r", "x7": 7},
        tools=[
            {
                "type": "function",
                "x8": 8,
                "function": {"name": "f", "parameters": {"type": "object"}, "x9": 9},
            }
        ],
        response_format={"type": "json_object", "x10": 10},
        x11={"deep": 11},
    ),
    "media": request(
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "high"}},
                {"type": "image_url", "image_url": "https://x/z.png"},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
                {"type": "file", "file": {"file_id": "file-1"}},
                {
                    "type": "file",
                    "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"},
                },
                {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}},
                {"type": "of_tomorrow", "thing": {"a": 1}},
            ],
        }
    ),
    "custom tool": request(
        ASK,
        {
            "role": "assistant",
            "content": "x",
            "tool_calls": [
                {"id": "c", "type": "custom", "custom": {"name": "p", "input": "raw <"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "ok"}]},
        tools=[
            {
                "type": "custom",
                "custom": {
                    "name": "p",
                    "description": "d",
                    "format": {
                        "type": "grammar",
                        "grammar": {"syntax": "lark", "definition": "start: X"},
                    },
                },
            },
            {"type": "web_search", "depth": 2},
        ],
        tool_choice={"type": "custom", "custom": {"name": "p"}},
    ),
    "allowed tools": request(
        tools=[{"type": "function", "function": {"name": n}} for n in ("a", "b")],
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "b"}}],
            },
        },
        parallel_tool_calls=True,
    ),
    "refusals": request(
        ASK,
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "never"}]},
    ),
    "the rest": request(
        stop="X",
        max_tokens=5,
        safety_identifier="s",
        prompt_cache_key="k",
        prompt_cache_retention="24h",
        logprobs=True,
        top_logprobs=2,
        top_k=4,
        verbosity="low",
        prediction={"type": "content", "content": "x"},
        modalities=["text"],
        response_format={"type": "text"},
        stream=False,
    ),
    "thoughts": request(ASK, {"role": "assistant", "content": "a", "reasoning_content": "hm"}, ASK),
    "sealed thoughts": request(
        ASK,
        {
            "role": "assistant",
            "content": "a",
            "reasoning": "onetwo",
            "reasoning_details": [
                {
                    "type": "reasoning.text",
                    "text": "one",
                    "signature": "s1",
                    "format": "anthropic-claude-v1",
                    "index": 0,
                },
                {"type": "reasoning.summary", "summary": "two", "index": 1, "id": "r"},
                {"type": "reasoning.encrypted", "data": "zzz", "index": 2},
            ],
        },
        ASK,
    ),
    "thought signatures": request(
        ASK,
        {
            "role": "assistant",
            "content": "t",
            "extra_content": {"google": {"thought_signature": "m"}},
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "f", "arguments": "{}"},
                    "extra_content": {"google": {"thought_signature": "abc"}},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": ""},
    ),
    "an empty text of the client's own": request({"role": "user", "content": ""}, ASK),
}


@pytest.mark.parametrize("name", RICH)
def test_what_this_dialect_can_say_comes_home_equal(chat, name):
    written, losses = chat.home(RICH[name])

    assert written == RICH[name]
    assert not list(losses)


@pytest.mark.parametrize("name", RICH)
def test_what_was_written_reads_as_the_same_request(chat, name):
    request = chat.read(RICH[name])

    written, _ = chat.write(request, model="m")

    assert chat.read(written) == request


def test_the_meaning_headers_go_home_and_account_headers_stay(chat):
    headers = {"openai-beta": "x=1", "openai-organization": "org-client"}
    read = chat.read(request(), **headers)

    assert write_request(read, chat.attempt()).headers == {"openai-beta": "x=1"}


def test_leading_system_text_is_lifted_and_later_text_keeps_its_place(chat):
    read = chat.read(
        request(
            {"role": "system", "content": "a"},
            {"role": "developer", "content": [{"type": "text", "text": "b"}]},
            ASK,
            {"role": "system", "content": "c"},
        )
    )

    assert [text.text for text in read.system] == ["a", "b"]
    assert [message.role for message in read.messages] == ["user", "system"]


def test_each_tool_message_stays_a_turn_of_its_own(chat):
    calls = [
        {"id": i, "type": "function", "function": {"name": "f", "arguments": "{}"}} for i in "ab"
    ]
    read = chat.read(
        request(
            ASK,
            {"role": "assistant", "content": None, "tool_calls": calls},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "b", "content": "2"},
        )
    )

    assert [m.parts for m in read.messages[2:]] == [
        [ToolResult("a", [Text("1")])],
        [ToolResult("b", [Text("2")])],
    ]


def test_results_without_ids_pair_with_open_calls_of_their_name(chat):
    calls = [{"type": "function", "function": {"name": n, "arguments": "{}"}} for n in "fgf"]
    body = request(
        ASK,
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "name": "g", "content": "1"},
        {"role": "tool", "content": "2"},
        {"role": "tool", "content": "3"},
    )

    read = chat.read(body)

    ids = [call.id for call in read.messages[1].parts]
    assert len(set(ids)) == 3
    assert [m.parts[0].call_id for m in read.messages[2:]] == [ids[1], ids[0], ids[2]]
    assert chat.read(body) == read


def test_media_is_read_by_kind(chat):
    read = chat.read(RICH["media"])

    image, _, sound, by_id, pdf, video, new = read.messages[0].parts
    assert (image.kind, image.url) == ("image", "https://x/y.png")
    assert (sound.kind, sound.mime, sound.data) == ("audio", "audio/mpeg", "AAAA")
    assert by_id.file_id == "file-1"
    assert pdf == Media("document", mime="application/pdf", data="JVBE", name="a.pdf")
    assert (video.kind, video.mime) == ("video", "video/mp4")
    assert isinstance(new, Opaque)


def test_pc1_a_cache_marker_is_read_from_parts_and_tools(chat):
    marker = {"type": "ephemeral", "ttl": "1h"}
    read = chat.read(
        request(
            {"role": "user", "content": [{"type": "text", "text": "a", "cache_control": marker}]},
            tools=[{"type": "function", "function": {"name": "f"}, "cache_control": marker}],
        )
    )

    assert read.messages[0].parts[0].cache_control == CacheControl("1h")
    assert read.tools[0].cache_control == CacheControl("1h")


def test_effort_none_turns_thinking_off(chat):
    off = chat.read(request(reasoning_effort="none")).reasoning
    low = chat.read(request(reasoning_effort="low")).reasoning

    assert (off.mode, off.effort) == ("off", "none")
    assert (low.mode, low.effort) == (Reasoning().mode, "low")


def test_a_custom_call_keeps_its_raw_input(chat):
    call = chat.read(RICH["custom tool"]).messages[1].parts[1]

    assert call == ToolCall("c", "p", "raw <", kind="custom")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [ASK]}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        (request("hi"), "messages[0]"),
        (request({"content": "hi"}), "messages[0].role"),
        (request({"role": "robot", "content": "hi"}), "messages[0].role"),
        (request({"role": "user", "content": 5}), "messages[0].content"),
        (request({"role": "user", "content": [5]}), "messages[0].content[0]"),
        (request({"role": "user", "content": [{}]}), "messages[0].content[0].type"),
        (
            request({"role": "user", "content": [{"type": "file", "file": {}}]}),
            "messages[0].content[0].file",
        ),
        (request(ASK, {"role": "tool", "content": "x"}), "messages[1].tool_call_id"),
        (
            request({"role": "assistant", "tool_calls": [{"function": {}}]}),
            "messages[0].tool_calls[0].function.name",
        ),
        (
            request({"role": "assistant", "function_call": {"name": "f"}}),
            "messages[0].function_call",
        ),
        (request(functions=[{"name": "f"}]), "functions"),
        (request(temperature="hot"), "temperature"),
        (request(max_tokens=True), "max_tokens"),
        (request(stop=["a", 1]), "stop[1]"),
        (request(tools=[{"type": "function"}]), "tools[0].function"),
        (request(tool_choice="maybe"), "tool_choice"),
        (request(tool_choice={"type": "function"}), "tool_choice.function"),
        (request(response_format={"type": "xml"}), "response_format.type"),
        (request(stream="yes"), "stream"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(chat, body, param):
    with pytest.raises(BadRequest) as caught:
        chat.read(body)

    assert caught.value.param == param
    assert param in caught.value.message
