"""What clients send, in the hub's words."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import Media, Opaque, Text, Thinking, ToolCall, ToolResult

USER = {"type": "message", "role": "user", "content": "hi"}
CALL = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "done"}


def test_a_string_is_one_user_message(arrows):
    request = arrows.read("hi", instructions="be brief")

    assert [(m.role, [p.text for p in m.parts]) for m in request.messages] == [("user", ["hi"])]
    assert [text.text for text in request.system] == ["be brief"]


def test_leading_developer_items_are_system_text_and_later_ones_keep_their_place(arrows):
    developer = {"role": "developer", "content": [{"type": "input_text", "text": "a"}]}
    request = arrows.read([developer, USER, developer])

    assert [text.text for text in request.system] == ["a"]
    assert [message.role for message in request.messages] == ["user", "system"]


def test_st7_what_the_model_said_in_one_turn_is_one_message(arrows):
    reasoning = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "sealed"}
    said = {"type": "message", "role": "assistant", "content": "I look."}
    request = arrows.read([USER, reasoning, said, CALL, {**CALL, "call_id": "c2"}, OUTPUT])

    turn = request.messages[1]
    assert [type(part) for part in turn.parts] == [Thinking, Text, ToolCall, ToolCall]
    assert turn.parts[0].redacted
    assert (turn.parts[0].seal.value, turn.parts[0].seal.dialect) == ("sealed", "responses")
    assert [type(part) for part in request.messages[2].parts] == [ToolResult]


def test_th5_a_call_keeps_its_namespace_and_a_free_form_one_its_raw_input(arrows):
    custom = {"type": "custom_tool_call", "call_id": "c2", "name": "patch", "input": "*** raw"}
    request = arrows.read([USER, {**CALL, "namespace": "mcp__x"}, custom])

    first, second = request.messages[1].parts
    assert (first.namespace, first.name, first.kind) == ("mcp__x", "f", "function")
    assert (second.kind, second.arguments) == ("custom", "*** raw")


def test_an_output_may_hold_images(arrows):
    image = {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "high"}
    request = arrows.read([USER, CALL, {**OUTPUT, "output": [image]}])

    (media,) = request.messages[2].parts[0].parts
    assert isinstance(media, Media)
    assert (media.mime, media.data, dict(media.extra["responses"])) == (
        "image/png",
        "AA",
        {"detail": "high"},
    )


def test_th5_tools_of_a_namespace_and_free_form_tools_are_tools(arrows):
    inner = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    space = {"type": "namespace", "name": "mcp__x", "description": "X", "tools": [inner]}
    custom = {"type": "custom", "name": "apply_patch", "format": {"type": "grammar"}}
    request = arrows.read(tools=[space, custom, {"type": "web_search"}])

    assert [(t.namespace, t.name, t.kind) for t in request.tools] == [
        ("mcp__x", "f", "function"),
        (None, "apply_patch", "custom"),
        (None, "web_search", "server"),
    ]


def test_th5_tools_that_an_item_puts_on_offer_are_on_offer(arrows):
    tool = {"type": "function", "name": "late", "parameters": {}}
    item = {"type": "additional_tools", "role": "developer", "tools": [tool]}
    request = arrows.read([USER, item])

    assert [tool.name for tool in request.tools] == ["late"]
    assert request.messages[1].parts[0].text == "[These tools are now available: late]"
    assert arrows.home([USER, item]) == [USER, item]


def test_items_of_server_tools_are_kept_as_they_are(arrows):
    search = {"type": "web_search_call", "id": "ws", "status": "completed"}
    request = arrows.read([USER, search, USER])

    assert request.messages[1].parts == [Opaque("responses", search)]
    assert arrows.home([USER, search, USER]) == [USER, search, USER]


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id", "keeps no conversations"),
        ({"conversation": "conv_1"}, "conversation", "keeps no conversations"),
        ({"background": True}, "background", "keeps no responses"),
        ({"items": [{"type": "item_reference", "id": "m"}]}, "input[0]", "keeps no conversations"),
        ({"items": [{"role": "robot", "content": ""}]}, "input[0].role", "must be one of"),
        ({"items": [{"id": "x"}]}, "input[0].type", "is required"),
        ({"items": [{**USER, "content": [{"type": "input_image"}]}]}, None, "exactly one of"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "is required"),
        ({"tool_choice": "any"}, "tool_choice", "must be one of"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type", "must be text"),
    ],
)
def test_a_wrong_request_is_refused_with_the_place_and_what_to_do(arrows, body, param, words):
    with pytest.raises(BadRequest, match=words) as refused:
        arrows.read(**body)

    assert param is None or refused.value.param == param


def test_settings_are_read(arrows):
    request = arrows.read(
        max_output_tokens=9,
        temperature=1,
        parallel_tool_calls=False,
        reasoning={"effort": "none", "summary": "auto"},
        text={"format": {"type": "json_schema", "name": "R", "schema": {}, "strict": True}},
        prompt_cache_key="k",
        safety_identifier="s",
        session_id="unused",
    )

    assert (request.sampling.max_tokens, request.tool_choice.parallel) == (9, False)
    assert (request.reasoning.mode, request.reasoning.include) == ("off", True)
    assert (request.output.kind, request.output.name, request.output.strict) == (
        "schema",
        "R",
        True,
    )
    assert (request.cache_key, request.user) == ("k", "s")
    assert request.extra["responses"]["session_id"] == "unused"
