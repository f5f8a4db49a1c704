"""What other dialects' requests become on Claude's wire, and what the ledger says of the rest."""

from __future__ import annotations

import base64

import pytest
from anthropic.types import MessageCreateParams
from pydantic import ValidationError

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
from gateway_claude.outbound import JSON_ONLY, write_request

PNG = "iVBORw0KGgo="
F = Tool("f", "Does f.", {"type": "object", "properties": {"a": {"type": "string"}}})


def user(*parts):
    return Message("user", [Text(p) if isinstance(p, str) else p for p in parts])


def assistant(*parts):
    return Message("assistant", [Text(p) if isinstance(p, str) else p for p in parts])


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


def text(words):
    return {"type": "text", "text": words}


def test_a_whole_request_of_another_dialect_passes_the_sdks_types(write, judged):
    body, losses = write(
        user("look", Media("image", mime="image/png", data=PNG)),
        assistant(ToolCall("call_1", "f", '{"a":"x"}'), ToolCall("call_2", "f", "")),
        user(ToolResult("call_1", [Text("one")]), ToolResult("call_2", [], is_error=True)),
        system=[Text("Be kind.")],
        tools=[F],
        tool_choice=ToolChoice("auto", parallel=False),
        sampling=Sampling(temperature=0.5, max_tokens=99, stop=["END"]),
        stream=True,
        user="alice",
    )

    judged(MessageCreateParams, body)
    assert body == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 99,
        "system": [text("Be kind.")],
        "messages": [
            {
                "role": "user",
                "content": [
                    text("look"),
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": PNG},
                    },
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": "call_1", "name": "f", "input": {"a": "x"}},
                    {"type": "tool_use", "id": "call_2", "name": "f", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "content": [text("one")]},
                    {
                        "type": "tool_result",
                        "tool_use_id": "call_2",
                        "content": [],
                        "is_error": True,
                    },
                ],
            },
        ],
        "tools": [{"name": "f", "description": "Does f.", "input_schema": F.schema}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "alice"},
        "stream": True,
    }
    assert len(losses) == 0


def test_the_judge_looks_into_every_block(judged):
    bad = {"role": "user", "content": [{"type": "text", "text": 5}]}

    with pytest.raises(ValidationError):
        judged(MessageCreateParams, {"model": "m", "max_tokens": 1, "messages": [bad]})


def test_th1_results_come_right_after_their_calls_and_images_after_the_group(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}")),
        user(ToolResult("a", [Text("1")])),
        user(Media("image", mime="image/png", data=PNG)),
        user(ToolResult("b", [Text("2")])),
    )

    assert [block["type"] for block in body["messages"][2]["content"]] == [
        "tool_result",
        "tool_result",
        "image",
    ]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]


def test_th2_results_of_parallel_calls_are_one_user_message(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}"), ToolCall("b", "f", "{}")),
        user(ToolResult("a", [])),
        user(ToolResult("b", [])),
    )

    assert [block["tool_use_id"] for block in body["messages"][2]["content"]] == ["a", "b"]


def test_th4_long_names_and_ids_are_shortened_alike_in_calls_results_and_tools(write, attempt):
    name, call_id, one = "ns." + "x" * 80, "call:" + "9" * 90, attempt()

    body, _ = write(
        user("go"),
        assistant(ToolCall(call_id, name, "{}")),
        user(ToolResult(call_id, [])),
        tools=[Tool(name, schema={"type": "object"})],
        tool_choice=ToolChoice("tool", name=name),
        attempt=one,
    )

    call = body["messages"][1]["content"][0]
    assert call["id"] == body["messages"][2]["content"][0]["tool_use_id"]
    assert len(call["id"]) <= 64
    assert call["name"] == body["tools"][0]["name"] == body["tool_choice"]["name"]
    assert len(call["name"]) <= 64
    assert one.registry.raise_(call["name"]) == name


def test_th8_tools_keep_their_order(write):
    names = ["zeta", "alpha", "mid"]

    body, _ = write(tools=[Tool(name) for name in names])

    assert [tool["name"] for tool in body["tools"]] == names


def test_th9_a_limited_choice_limits_the_tools(write):
    choice = ToolChoice("auto", allowed=["a"])

    body, losses = write(tools=[Tool("a"), Tool("b")], tool_choice=choice)

    assert [tool["name"] for tool in body["tools"]] == ["a"]
    assert body["tool_choice"] == {"type": "auto"}
    assert len(losses) == 0


def test_th10_an_error_stays_an_error(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}")),
        user(ToolResult("a", [Text("boom")], is_error=True)),
    )

    assert body["messages"][2]["content"][0]["is_error"] is True


def test_a_tool_without_a_schema_takes_an_object(write):
    body, _ = write(tools=[Tool("a"), Tool("b", schema={"properties": {}}), Tool("c", schema={})])

    assert [tool["input_schema"] for tool in body["tools"]] == [
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "object"},
    ]


def test_a_free_form_tool_becomes_a_function_with_one_string(write, attempt):
    one = attempt()
    body, losses = write(
        user("go"),
        assistant(ToolCall("a", "apply_patch", "*** Begin", kind="custom")),
        user(ToolResult("a", [Text("ok")], kind="custom")),
        tools=[Tool("apply_patch", "Patches.", kind="custom")],
        attempt=one,
    )

    tool, call = body["tools"][0], body["messages"][1]["content"][0]
    assert tool["input_schema"]["required"] == ["input"]
    assert (call["name"], call["input"]) == (tool["name"], {"input": "*** Begin"})
    assert len(losses) == 0


def test_a_server_tool_of_another_dialect_is_a_recorded_loss(write):
    raw = Fields({"type": "web_search", "size": "high"}, ("tools", 0))

    body, losses = write(tools=[F, Tool("web_search", kind="server", extra={"openai": raw})])

    assert [tool["name"] for tool in body["tools"]] == ["f"]
    assert paths(losses)["tools.web_search"] == "meaning"
    assert "tools[0].size" in paths(losses)


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


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (Media("image", url="https://a/b.png"), {"type": "url", "url": "https://a/b.png"}),
        (
            Media("image", data=PNG),
            {"type": "base64", "media_type": "image/png", "data": PNG},
        ),
        (
            Media("document", mime="application/pdf", data="JVBERi0="),
            {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
        ),
        (
            Media("document", mime="text/markdown", data=base64.b64encode(b"# Hi").decode()),
            {"type": "text", "media_type": "text/plain", "data": "# Hi"},
        ),
    ],
)
def test_mm1_images_and_documents_are_carried(write, media, source):
    body, losses = write(user(media))

    assert body["messages"][0]["content"] == [{"type": media.kind, "source": source}]
    assert len(losses) == 0


def test_mm2_an_image_in_a_tool_result_stays_in_it(write):
    body, _ = write(
        user("go"),
        assistant(ToolCall("a", "f", "{}")),
        user(ToolResult("a", [Media("image", mime="image/png", data=PNG)])),
    )

    assert body["messages"][2]["content"][0]["content"][0]["type"] == "image"


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (Media("audio", mime="audio/wav", data="UklGRg=="), "takes no audio"),
        (Media("image", mime="image/svg+xml", data="PHN2Zz4="), "image/svg+xml"),
        (Media("document", mime="application/zip", data="UEs="), "application/zip"),
        (Media("image", file_id="file-1"), "provider that stored"),
    ],
)
def test_mm1_media_that_claude_cannot_take_is_never_silent(write, media, words):
    body, losses = write(user(media))

    (block,) = body["messages"][0]["content"]
    assert words in block["text"]
    assert paths(losses) == {"messages[0].content[0]": "meaning"}


def test_a_document_keeps_its_name_as_title(write):
    body, _ = write(user(Media("document", mime="application/pdf", data="JVBERi0=", name="a.pdf")))

    assert body["messages"][0]["content"][0]["title"] == "a.pdf"


def test_structured_output_is_written_and_its_name_recorded(write, judged):
    schema = {"type": "object", "properties": {}, "additionalProperties": False}

    body, losses = write(output=Output("schema", schema=schema, name="answer", strict=True))

    judged(MessageCreateParams, body)
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert paths(losses) == {"output.name": "hint"}


def test_json_without_a_schema_is_asked_for_in_words_and_recorded(write):
    body, losses = write(output=Output("json"))

    assert body["system"] == [text(JSON_ONLY)]
    assert paths(losses) == {"output": "meaning"}


def test_words_told_instead_of_another_dialects_piece(write):
    body, losses = write(user("a", Opaque("openai", {"x": 1}, text="x is 1")))

    assert body["messages"][0]["content"][1] == text("x is 1")
    assert len(losses) == 0


def test_a_piece_without_words_is_a_recorded_loss(write):
    body, losses = write(user("a", Opaque("openai", {"x": 1}, path=("messages", 0, "audio"))))

    assert body["messages"][0]["content"] == [text("a")]
    assert paths(losses) == {"messages[0].audio": "meaning"}


def test_arguments_that_are_no_object_are_kept_as_text(write):
    body, losses = write(
        user("go"), assistant(ToolCall("a", "f", '{"a": ')), user(ToolResult("a", []))
    )

    assert body["messages"][1]["content"][0]["input"] == {"raw_arguments": '{"a": '}
    assert paths(losses) == {"messages[1].content[0].arguments": "hint"}


# --- numbers ---


def test_without_max_tokens_the_models_own_most_is_asked_for(write, attempt):
    assert write()[0]["max_tokens"] == 8192
    assert write(attempt=attempt(facts={"max_output": 32000}))[0]["max_tokens"] == 32000


def test_mx1_max_tokens_is_held_to_the_models_most(write, attempt):
    one = attempt(facts={"max_output": 4096})

    body, losses = write(sampling=Sampling(max_tokens=64000), attempt=one)

    assert body["max_tokens"] == 4096
    assert paths(losses) == {"sampling.max_tokens": "hint"}


def test_a_temperature_above_one_is_moved_and_recorded(write):
    body, losses = write(sampling=Sampling(temperature=1.6))

    assert body["temperature"] == 1
    assert "sampling.temperature" in paths(losses)


def test_settings_that_claude_has_not_are_recorded(write):
    sampling = Sampling(
        seed=1, frequency_penalty=0.1, presence_penalty=0.2, logprobs=True, top_logprobs=3, n=1
    )

    _, losses = write(sampling=sampling)

    assert set(paths(losses)) == {
        "sampling.seed",
        "sampling.frequency_penalty",
        "sampling.presence_penalty",
        "sampling.logprobs",
        "sampling.top_logprobs",
    }


def test_more_than_one_answer_is_refused(write):
    with pytest.raises(BadRequest, match="n is 2"):
        write(sampling=Sampling(n=2))


def test_temperature_and_top_p_are_not_sent_together(write):
    body, losses = write(sampling=Sampling(temperature=0.5, top_p=0.9))

    assert "top_p" not in body
    assert "sampling.top_p" in paths(losses)


def test_a_stop_sequence_of_white_space_is_recorded(write):
    body, losses = write(sampling=Sampling(stop=["\n", "END"]))

    assert body["stop_sequences"] == ["END"]
    assert paths(losses) == {"sampling.stop": "meaning"}


# --- thinking ---


def test_an_effort_becomes_a_budget_within_max_tokens(write, judged):
    body, losses = write(reasoning=Reasoning(effort="high"), sampling=Sampling(max_tokens=8000))

    judged(MessageCreateParams, body)
    assert body["thinking"] == {"type": "enabled", "budget_tokens": 6000}
    assert paths(losses) == {"reasoning.budget": "hint"}


def test_a_budget_without_max_tokens_leaves_room_for_the_answer(write):
    body, _ = write(reasoning=Reasoning("on", budget=20_000))

    assert body["thinking"]["budget_tokens"] == 20_000
    assert body["max_tokens"] == 24_096


def test_a_later_model_thinks_by_effort(write, attempt, judged):
    one = attempt(model="claude-opus-5-5")

    body, losses = write(reasoning=Reasoning("on", budget=5000, include=True), attempt=one)

    judged(MessageCreateParams, body)
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert body["output_config"] == {"effort": "medium"}
    assert len(losses) == 0


def test_no_effort_switches_thinking_off(write):
    assert write(reasoning=Reasoning(effort="none"))[0]["thinking"] == {"type": "disabled"}


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [F], "tool_choice": ToolChoice("required")},
        {"sampling": Sampling(max_tokens=1000)},
    ],
)
def test_thinking_gives_way_to_what_excludes_it(write, fields):
    body, losses = write(reasoning=Reasoning("on", budget=2000), **fields)

    assert "thinking" not in body
    assert paths(losses)["reasoning"] == "hint"


def test_thinking_is_off_in_a_tool_loop_whose_thinking_is_gone(write):
    body, losses = write(
        user("go"),
        assistant(Thinking("hm"), ToolCall("a", "f", "{}")),
        user(ToolResult("a", [])),
        reasoning=Reasoning(effort="low"),
    )

    assert "thinking" not in body
    assert paths(losses) == {
        "messages[1].content[0].thinking": "meaning",
        "reasoning": "hint",
    }


def test_temperature_gives_way_to_thinking(write):
    body, losses = write(reasoning=Reasoning(effort="low"), sampling=Sampling(temperature=0.2))

    assert "temperature" not in body
    assert "sampling.temperature" in paths(losses)


# --- seals ---

OWN = Seal("sig", "claude", "anthropic", "claude-sonnet-4-5")


@pytest.mark.parametrize("client", ["claude", "openai"])
@pytest.mark.parametrize("seal", [OWN, Seal("sig", "claude")])
def test_tk1_thinking_goes_back_to_its_own_model_even_without_text(write, attempt, client, seal):
    body, losses = write(
        user("go"), assistant(Thinking("", seal=seal), "so"), user("on"), attempt=attempt(client)
    )

    assert body["messages"][1]["content"][0] == {
        "type": "thinking",
        "thinking": "",
        "signature": "sig",
    }
    assert len(losses) == 0


@pytest.mark.parametrize("client", ["claude", "openai"])
@pytest.mark.parametrize(
    "seal",
    [
        None,
        Seal("sig", "gemini", "google", "gemini-3"),
        Seal("sig", "claude", "other", "claude-sonnet-4-5"),
        Seal("sig", "claude", "anthropic", "claude-haiku-4-5"),
    ],
)
def test_tk3_foreign_and_unsigned_thinking_is_dropped_and_recorded(write, attempt, client, seal):
    body, losses = write(
        user("go"), assistant(Thinking("hm", seal=seal), "so"), user("on"), attempt=attempt(client)
    )

    assert body["messages"][1]["content"] == [text("so")]
    assert paths(losses) == {"messages[1].content[0].thinking": "meaning"}


def test_tk4_redacted_thinking_goes_back_as_data(write):
    body, _ = write(user("go"), assistant(Thinking("", redacted=True, seal=OWN)), user("on"))

    assert body["messages"][1]["content"] == [{"type": "redacted_thinking", "data": "sig"}]


def test_state_of_another_model_on_text_and_calls_is_recorded(write):
    seal = Seal("s", "gemini")
    _, losses = write(
        user("go"),
        assistant(Text("a", seal=seal), ToolCall("c", "f", "{}", seal=seal)),
        user(ToolResult("c", [])),
    )

    assert paths(losses) == {
        "messages[1].content[0].seal": "meaning",
        "messages[1].content[1].seal": "meaning",
    }
