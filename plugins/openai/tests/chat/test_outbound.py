"""The neutral request for an upstream: what other dialects say, in this one's words."""

from __future__ import annotations

import orjson
import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from gateway.errors import BadRequest
from gateway.model import (
    CacheControl,
    ChatRequest,
    Fields,
    Media,
    Message,
    Opaque,
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
from gateway_openai.chat.outbound import write_request

JUDGE = TypeAdapter(CompletionCreateParamsNonStreaming)
PNG = Media("image", mime="image/png", data="iVBO")
HI = Message("user", [Text("hi")])


def ask(*messages, **more):
    return ChatRequest("alias", list(messages) or [HI], **more)


def assistant(*calls, text=None):
    said = [Text(text)] if text else []
    return Message("assistant", [*said, *(ToolCall(i, f"tool_{i}", "{}") for i in calls)])


def shape(body):
    return [(m["role"], m.get("tool_call_id")) for m in body["messages"]]


def written(chat, request, **facts):
    body, losses = chat.write(request, **facts)
    JUDGE.validate_python(orjson.loads(orjson.dumps(body)))
    return body, losses


def test_system_blocks_become_one_system_message(chat):
    body, _ = written(chat, ask(system=[Text("a"), Text(""), Text("b")]))

    assert body["messages"][0] == {"role": "system", "content": "a\n\nb"}


def test_a_system_message_keeps_its_place(chat):
    body, _ = written(chat, ask(HI, Message("system", [Text("now")]), assistant(text="ok"), HI))

    assert [m["role"] for m in body["messages"]] == ["user", "system", "assistant", "user"]


def test_where_no_system_message_may_stand_inside_it_joins_the_nearest_user_turn(chat):
    body, _ = written(
        chat,
        ask(HI, Message("system", [Text("now")]), assistant(text="ok"), HI),
        quirks={"system_in_place": False},
    )

    assert [m["role"] for m in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"][1]["text"] == "<system>\nnow\n</system>"


def test_th1_results_stand_right_after_their_calls_and_images_after_the_group(chat):
    body, _ = written(
        chat,
        ask(
            HI,
            assistant("a", "b"),
            Message("user", [Text("by the way"), ToolResult("b", [PNG, Text("B")], name="view")]),
            Message("user", [ToolResult("a", [Text("A")])]),
        ),
    )

    assert shape(body)[1:] == [
        ("assistant", None),
        ("tool", "a"),
        ("tool", "b"),
        ("user", None),
    ]
    assert [p["type"] for p in body["messages"][4]["content"]] == ["text", "image_url", "text"]
    assert "b (view)" in body["messages"][4]["content"][0]["text"]


def test_th2_a_user_turn_with_several_results_becomes_one_tool_message_each(chat):
    results = [ToolResult("a", [Text("A")]), ToolResult("b", [Text("B")]), Text("go on")]
    body, _ = written(chat, ask(HI, assistant("a", "b"), Message("user", results)))

    assert shape(body)[2:] == [("tool", "a"), ("tool", "b"), ("user", None)]
    assert body["messages"][4]["content"] == "go on"


def test_images_of_results_in_turns_of_their_own_wait_for_the_whole_group(chat):
    body, _ = written(
        chat,
        ask(
            HI,
            assistant("a", "b"),
            Message("user", [ToolResult("a", [PNG])]),
            Message("user", [ToolResult("b", [PNG])]),
            assistant(text="seen"),
        ),
    )

    assert [m["role"] for m in body["messages"][1:]] == [
        *("assistant", "tool", "tool", "user", "assistant")
    ]
    assert len(body["messages"][4]["content"]) == 4


def test_th4_long_names_and_ids_are_shortened_alike_and_raised_again(chat):
    name, call_id = "mcp__" + "x" * 90 + ".y", "toolu_" + "z" * 90
    request = ask(
        HI,
        Message("assistant", [ToolCall(call_id, name, "{}")]),
        Message("user", [ToolResult(call_id, [Text("r")])]),
        tools=[Tool(name, schema={"type": "object"})],
        tool_choice=ToolChoice("tool", name),
    )
    attempt = chat.attempt()
    body = write_request(request, attempt).body

    short = body["tools"][0]["function"]["name"]
    call = body["messages"][1]["tool_calls"][0]
    assert len(short) <= 64
    assert call["function"]["name"] == body["tool_choice"]["function"]["name"] == short
    assert len(call["id"]) <= 64
    assert body["messages"][2]["tool_call_id"] == call["id"]
    assert attempt.registry.raise_(short) == name


def test_th8_the_same_request_gives_the_same_bytes(chat):
    tools = [Tool(name, schema={"type": "object", "properties": {}}) for name in "zayb"]
    request = ask(tools=tools, output=Output("json"), sampling=Sampling(temperature=0.5, seed=1))

    first, second = (orjson.dumps(written(chat, request)[0]) for _ in range(2))

    assert first == second
    assert [t["function"]["name"] for t in orjson.loads(first)["tools"]] == list("zayb")


def test_th10_a_failed_result_says_so_in_its_text(chat):
    results = [
        ToolResult("a", [Text("no such file")], is_error=True),
        ToolResult("b", [], is_error=True),
        ToolResult("c", [Text("fine")], is_error=False),
    ]
    body, losses = written(chat, ask(HI, assistant("a", "b", "c"), Message("user", results)))

    assert [m["content"] for m in body["messages"][2:]] == [
        "[tool error] no such file",
        "[tool error]",
        "fine",
    ]
    assert not list(losses)


def test_pc1_markers_are_written_where_the_provider_takes_them(chat):
    marked = Text("a", cache_control=CacheControl("1h"))
    tool = Tool("f", schema={"type": "object"}, cache_control=CacheControl())
    body, losses = chat.write(
        ask(Message("user", [marked]), system=[marked], tools=[tool]),
        quirks={"cache_control": True},
    )

    one_hour = {"type": "ephemeral", "ttl": "1h"}
    part = {"type": "text", "text": "a", "cache_control": one_hour}
    assert body["messages"] == [
        {"role": "system", "content": [part]},
        {"role": "user", "content": [part]},
    ]
    assert body["tools"][0]["cache_control"] == {"type": "ephemeral"}
    assert not list(losses)


def test_pc2_markers_do_not_leak_to_providers_that_refuse_them(chat):
    marked = Text("a", cache_control=CacheControl())
    result = ToolResult("a", [marked], cache_control=CacheControl())
    body, losses = written(
        chat, ask(Message("user", [marked]), assistant("a"), Message("user", [result]))
    )

    assert b"cache_control" not in orjson.dumps(body)
    assert [(loss.path, loss.weight) for loss in losses] == [("cache_control", "hint")]


def test_pc3_the_cache_key_goes_to_providers_that_take_one(chat):
    with_key, _ = written(chat, ask(cache_key="k"), quirks={"cache_key": True})
    without, losses = written(chat, ask(cache_key="k"))

    assert with_key["prompt_cache_key"] == "k"
    assert "prompt_cache_key" not in without
    assert [loss.path for loss in losses] == ["cache_key"]


def test_pc4_an_empty_text_is_never_stamped_nor_sent(chat):
    empty = Text("", cache_control=CacheControl())
    body, _ = chat.write(
        ask(Message("user", [empty, Text("a")]), system=[empty]), quirks={"cache_control": True}
    )

    assert body["messages"] == [{"role": "user", "content": "a"}]


def test_ec1_empty_texts_and_turns_are_dropped(chat):
    body, _ = written(
        chat,
        ask(HI, Message("assistant", [Text("")]), Message("user", [Text("")]), assistant("a"), HI),
    )

    assert [m.get("content") for m in body["messages"]][:2] == ["hi", None]
    assert [m["role"] for m in body["messages"]] == ["user", "assistant", "tool", "user"]


def test_ec1_a_request_of_nothing_but_empty_text_is_refused(chat):
    with pytest.raises(BadRequest, match="messages hold no text"):
        chat.write(ask(Message("user", [Text("")])))


def test_an_assistant_turn_of_calls_alone_has_null_content(chat):
    body, _ = written(chat, ask(HI, assistant("a"), Message("user", [ToolResult("a", [])])))

    assert body["messages"][1]["content"] is None
    assert body["messages"][2]["content"] == "(no output)"


def test_mm1_an_image_is_sent_or_told_and_recorded(chat):
    seen, _ = written(chat, ask(Message("user", [Text("look"), PNG])))
    blind, losses = written(chat, ask(Message("user", [PNG])), facts={"images": False})

    assert seen["messages"][0]["content"][1] == {
        "type": "image_url",
        "image_url": {"url": "data:image/png;base64,iVBO"},
    }
    assert "image left out" in blind["messages"][0]["content"]
    assert [loss.weight for loss in losses] == ["meaning"]


def test_mm2_an_image_inside_a_result_reaches_the_model(chat):
    body, losses = written(chat, ask(HI, assistant("a"), Message("user", [ToolResult("a", [PNG])])))

    assert body["messages"][2]["content"] == "[what the tool showed follows in a user message]"
    assert body["messages"][3]["content"][1]["type"] == "image_url"
    assert not list(losses)


def test_a_pdf_is_sent_as_a_file_and_plain_text_as_text(chat):
    pdf = Media("document", mime="application/pdf", data="JVBE", name="a.pdf")
    text = Media("document", mime="text/plain", data="aGk=", name="n.txt")
    body, _ = written(chat, ask(Message("user", [pdf, text])))

    file, words = body["messages"][0]["content"]
    assert file["file"] == {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}
    assert words["text"] == "n.txt:\nhi"


@pytest.mark.parametrize(
    "media",
    [
        Media("document", url="https://x/a.pdf"),
        Media("document", file_id="file_claude"),
        Media("image", file_id="file_claude"),
        Media("video", mime="video/mp4", data="AAAA"),
        Media("audio", mime="audio/strange", data="AAAA"),
    ],
)
def test_media_that_cannot_be_said_is_told_and_recorded(chat, media):
    body, losses = written(chat, ask(Message("user", [media])))

    assert "left out" in body["messages"][0]["content"]
    assert [loss.weight for loss in losses] == ["meaning"]


def test_so1_a_schema_is_demanded_and_named(chat):
    output = Output("schema", schema={"type": "object"})
    body, losses = written(chat, ask(output=output))

    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": {"type": "object"}},
    }
    assert not list(losses)


def test_so1_a_schema_is_told_in_words_where_it_cannot_be_demanded(chat):
    output = Output("schema", schema={"type": "object"}, name="n")
    body, losses = written(chat, ask(output=output), quirks={"json_schema": False})

    assert body["response_format"] == {"type": "json_object"}
    assert '{"type":"object"}' in body["messages"][0]["content"]
    assert [loss.path for loss in losses] == ["output.schema"]


@pytest.mark.parametrize(
    ("reasoning", "quirks", "sent"),
    [
        (
            Reasoning("on", budget=20_000),
            {"reasoning_request": "effort"},
            {"reasoning_effort": "high"},
        ),
        (
            Reasoning("on", budget=1_024),
            {"reasoning_request": "effort"},
            {"reasoning_effort": "low"},
        ),
        (
            Reasoning("adaptive", effort="max"),
            {"reasoning_request": "effort", "efforts": ("low", "high", "xhigh")},
            {"reasoning_effort": "xhigh"},
        ),
        (Reasoning("adaptive"), {"reasoning_request": "effort"}, {}),
        (Reasoning("on"), {"reasoning_request": "thinking"}, {"thinking": {"type": "enabled"}}),
        (Reasoning("off"), {"reasoning_request": "thinking"}, {"thinking": {"type": "disabled"}}),
        (
            Reasoning("on", budget=9),
            {"reasoning_request": "enable_thinking"},
            {"enable_thinking": True, "thinking_budget": 9},
        ),
        (
            Reasoning("on", budget=9),
            {"reasoning_request": "reasoning"},
            {"reasoning": {"max_tokens": 9}},
        ),
        (
            Reasoning("on", effort="high"),
            {"reasoning_request": "effort", "no_reasoning": ("re*",)},
            {},
        ),
        (Reasoning("on", effort="high"), {}, {}),
    ],
)
def test_thinking_is_asked_for_as_the_provider_takes_it(chat, reasoning, quirks, sent):
    plain, _ = chat.write(ask())
    body, losses = chat.write(ask(reasoning=reasoning), quirks=quirks)

    assert {k: v for k, v in body.items() if k not in plain} == sent
    assert sent or reasoning.mode == "adaptive" or [loss.weight for loss in losses] == ["hint"]


def test_earlier_thoughts_go_only_where_they_are_taken(chat):
    history = ask(HI, Message("assistant", [Thinking("hm", seal=Seal("s", "claude")), Text("a")]))

    taken, some = written(chat, history, quirks={"reasoning_field": "reasoning_content"})
    refused, all_ = written(chat, history)

    assert taken["messages"][1]["reasoning_content"] == "hm"
    assert [loss.path for loss in some] == ["seal"]
    assert refused["messages"][1] == {"role": "assistant", "content": "a"}
    assert {loss.path for loss in all_} == {"thinking", "seal"}


def test_a_seal_goes_back_to_its_origin_only(chat):
    def history(seal):
        return ask(
            HI,
            Message("assistant", [ToolCall("a", "f", "{}", seal=seal)]),
            Message("user", [ToolResult("a", [Text("r")])]),
        )

    own = Seal('{"google":{"thought_signature":"x"}}', "openai", "up", "real")
    other = Seal("sig", "claude", "anthropic", "claude-x")

    mine, no_losses = chat.write(history(own))
    foreign, losses = chat.write(history(other))

    content = {"google": {"thought_signature": "x"}}
    assert mine["messages"][1]["tool_calls"][0]["extra_content"] == content
    assert not list(no_losses)
    assert "extra_content" not in foreign["messages"][1]["tool_calls"][0]
    assert [loss.path for loss in losses] == ["seal"]


def test_deepseek_gets_a_thought_with_every_call_even_if_empty(chat):
    body, _ = chat.write(
        ask(HI, assistant("a"), HI),
        quirks={"reasoning_field": "reasoning_content", "reasoning_replay": True},
    )

    assert body["messages"][1]["reasoning_content"] == ""


def test_a_target_that_cannot_be_told_which_tools_are_allowed_gets_only_those(chat):
    tools = [Tool(name, schema={"type": "object"}) for name in "ab"]
    choice = ToolChoice("required", allowed=["b"])

    filtered, _ = written(chat, ask(tools=tools, tool_choice=choice))
    told, _ = written(chat, ask(tools=tools, tool_choice=choice), quirks={"allowed_tools": True})

    assert [t["function"]["name"] for t in filtered["tools"]] == ["b"]
    assert filtered["tool_choice"] == "required"
    assert len(told["tools"]) == 2
    assert told["tool_choice"]["allowed_tools"]["mode"] == "required"


def test_required_is_relaxed_where_the_provider_refuses_it(chat):
    body, losses = written(
        chat,
        ask(tools=[Tool("f")], tool_choice=ToolChoice("required")),
        quirks={"required_choice": False},
    )

    assert body["tool_choice"] == "auto"
    assert [loss.path for loss in losses] == ["tool_choice"]


def test_no_choice_is_written_without_tools(chat):
    body, losses = written(chat, ask(tools=[], tool_choice=ToolChoice("required", parallel=False)))

    assert not body.keys() & {"tools", "tool_choice", "parallel_tool_calls"}
    assert [loss.path for loss in losses] == ["tool_choice"]


def test_the_length_limit_has_the_name_that_the_provider_takes(chat):
    request = ask(sampling=Sampling(max_tokens=9))

    assert written(chat, request)[0]["max_tokens"] == 9
    newer = written(chat, request, quirks={"max_tokens_field": "max_completion_tokens"})[0]
    assert newer["max_completion_tokens"] == 9


def test_several_answers_are_refused_off_relay(chat):
    with pytest.raises(BadRequest) as caught:
        chat.write(ask(sampling=Sampling(n=2)))

    assert caught.value.param == "n"


def test_what_only_another_dialect_knows_is_recorded_by_its_path(chat):
    foreign = {"claude": Fields({"citations": [1], "$form": 1}, ("messages", 0, "content", 0))}
    request = ask(
        Message(
            "user",
            [
                Text("a", extra=foreign),
                Opaque("claude", {"type": "x"}, path=("messages", 0, "content", 1)),
                Opaque("claude", {"type": "tool_reference"}, text="Tool X is now available."),
            ],
        ),
        tools=[Tool("web_search", kind="server")],
        sampling=Sampling(top_k=3),
        metadata={"a": "b"},
        user="u" * 65,
    )

    body, losses = written(chat, request)

    assert [p["text"] for p in body["messages"][0]["content"]] == ["a", "Tool X is now available."]
    assert {loss.path for loss in losses} == {
        *("messages[0].content[0].citations", "messages[0].content[1]", "tools"),
        *("sampling.top_k", "metadata", "user"),
    }


def test_defaults_fill_gaps_and_params_overwrite(chat):
    body, _ = chat.write(
        ask(sampling=Sampling(temperature=1, max_tokens=5)),
        params={"temperature": 0.1},
        defaults={"top_p": 0.5, "temperature": 0.9, "max_completion_tokens": 7},
    )

    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.1, 0.5, 5)
    assert "max_completion_tokens" not in body


def test_a_stream_is_asked_for_with_its_token_counts(chat):
    body, _ = chat.write(ask(stream=True), stream=True)
    plain, _ = chat.write(ask(stream=True), stream=True, quirks={"stream_usage": False})

    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert "stream_options" not in plain
