"""Another dialect's tools, calls and results on Claude's wire."""

from __future__ import annotations

from gateway.model import Fields, Media, Message, Text, Tool, ToolCall, ToolChoice, ToolResult

PNG = "iVBORw0KGgo="
F = Tool("f", "Does f.", {"type": "object", "properties": {"a": {"type": "string"}}})


def user(*parts):
    return Message("user", [Text(p) if isinstance(p, str) else p for p in parts])


def assistant(*parts):
    return Message("assistant", [Text(p) if isinstance(p, str) else p for p in parts])


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


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


def test_arguments_that_are_no_object_are_kept_as_text(write):
    body, losses = write(
        user("go"), assistant(ToolCall("a", "f", '{"a": ')), user(ToolResult("a", []))
    )

    assert body["messages"][1]["content"][0]["input"] == {"raw_arguments": '{"a": '}
    assert paths(losses) == {"messages[1].content[0].arguments": "hint"}
