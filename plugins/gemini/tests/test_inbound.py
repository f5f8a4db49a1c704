"""A Gemini client's request becomes the neutral one; what is wrong is refused by its path."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import Media, Opaque, Seal, Text, Thinking, ToolCall, ToolChoice, ToolResult, own
from gateway.seals import tagged, tagged_redacted

CALL = {"functionCall": {"name": "look", "args": {"x": 1}}}
RESULT = {"functionResponse": {"name": "look", "response": {"output": "seen"}}}


def turns(*contents):
    return {"contents": [{"role": role, "parts": list(parts)} for role, *parts in contents]}


def test_both_spellings_mean_the_same(gemini):
    camel = {
        "systemInstruction": {"parts": [{"text": "s"}]},
        "generationConfig": {
            "topP": 0.5,
            "maxOutputTokens": 9,
            "thinkingConfig": {"thinkingBudget": 7},
        },
        "toolConfig": {
            "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}
        },
    }
    snake = {
        "system_instruction": {"parts": [{"text": "s"}]},
        "generation_config": {
            "top_p": 0.5,
            "max_output_tokens": 9,
            "thinking_config": {"thinking_budget": 7},
        },
        "tool_config": {
            "function_calling_config": {"mode": "ANY", "allowed_function_names": ["a", "b"]}
        },
    }

    one, other = (gemini.read(gemini.said({"text": "hi"}, **body)) for body in (camel, snake))

    assert one == other
    assert one.sampling.top_p == 0.5
    assert one.tool_choice.allowed == ["a", "b"]


def test_a_float_that_is_whole_counts_as_an_integer(gemini):
    config = {"topK": 5.0}

    assert gemini.read(gemini.said({"text": "x"}, generationConfig=config)).sampling.top_k == 5


@pytest.mark.parametrize(
    ("role", "expected"),
    [("user", "user"), ("model", "assistant"), ("function", "user"), (None, "user")],
)
def test_roles(gemini, role, expected):
    content = {"parts": [{"text": "x"}], **({"role": role} if role else {})}

    assert gemini.read({"contents": [content]}).messages[0].role == expected


def test_ids_are_made_alike_in_every_turn_and_results_find_their_calls(gemini):
    history = turns(("user", {"text": "?"}), ("model", CALL, CALL), ("user", RESULT, RESULT))
    longer = {"contents": [*history["contents"], {"role": "user", "parts": [{"text": "more"}]}]}

    first, second = gemini.read(history).messages, gemini.read(longer).messages

    calls, results = first[1].parts, first[2].parts
    assert [part.id for part in calls] == [part.call_id for part in results]
    assert calls[0].id != calls[1].id
    assert second[:3] == first


def test_given_ids_are_kept(gemini):
    call = {"functionCall": {"id": "c1", **CALL["functionCall"]}}
    result = {"functionResponse": {"id": "c1", **RESULT["functionResponse"]}}

    messages = gemini.read(
        turns(("user", {"text": "?"}), ("model", call), ("user", result))
    ).messages

    assert messages[1].parts == [ToolCall("c1", "look", '{"x":1}')]
    assert messages[2].parts[0].call_id == "c1"


def test_results_nobody_asked_for_get_ids_of_their_own(gemini):
    parts = gemini.read(turns(("user", RESULT, RESULT))).messages[0].parts

    assert parts[0].call_id != parts[1].call_id


@pytest.mark.parametrize(
    ("response", "text", "failed"),
    [
        ({"output": "seen"}, "seen", None),
        ({"result": "seen"}, "seen", None),
        ({"error": "broken"}, "broken", True),
        ({"output": {"a": 1}}, '{"output":{"a":1}}', None),
        ({"name": "n", "content": "c"}, '{"name":"n","content":"c"}', None),
        ({}, "", None),
    ],
)
def test_function_responses_in_all_shapes(gemini, response, text, failed):
    result = gemini.part(functionResponse={"id": "c", "name": "look", "response": response})

    assert isinstance(result, ToolResult)
    assert [part.text for part in result.parts] == ([text] if text else [])
    assert (result.is_error, result.name) == (failed, "look")


def test_mm2_media_inside_a_result_are_parts_of_it(gemini):
    image = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    given = {"id": "c", "name": "look", "response": {"output": "x"}, "parts": [image]}

    result = gemini.part(functionResponse=given)

    assert result.parts[1] == Media("image", mime="image/png", data="aGk=")


def test_thoughts_and_signatures(gemini):
    thought = gemini.part(text="hm", thought=True, thoughtSignature="c2ln")
    text = gemini.part(text="x", thought_signature="c2ln")
    alone = gemini.part(thoughtSignature="c2ln")

    assert thought == Thinking("hm", seal=Seal("c2ln", "gemini"))
    assert text == Text("x", seal=Seal("c2ln", "gemini"))
    assert (alone.text, alone.seal) == ("", Seal("c2ln", "gemini"))


def test_tk3_a_tagged_signature_is_its_issuers_again(gemini):
    seal = Seal("c2ln", "claude", "anthropic", "claude-x")

    assert (
        gemini.part(text="hm", thought=True, thoughtSignature=tagged(seal, "gemini")).seal == seal
    )
    redacted = gemini.part(text="", thought=True, thoughtSignature=tagged_redacted(seal))
    assert redacted == Thinking("", redacted=True, seal=seal)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("image/png", "image"),
        ("audio/wav", "audio"),
        ("video/mp4", "video"),
        ("application/pdf", "document"),
    ],
)
def test_mm1_media_by_their_type(gemini, given, kind):
    blob = gemini.part(inline_data={"mime_type": given, "data": "aGk=", "displayName": "n"})

    assert (blob.kind, blob.mime, blob.data, blob.name) == (kind, given, "aGk=", "n")


def test_an_address_is_a_url_and_googles_own_a_file_id(gemini):
    own_file = "https://generativelanguage.googleapis.com/v1beta/files/abc"

    assert (
        gemini.part(fileData={"fileUri": "https://a.example/b.png"}).url
        == "https://a.example/b.png"
    )
    assert gemini.part(fileData={"fileUri": own_file}).file_id == own_file
    assert gemini.part(fileData={"fileUri": "gs://bucket/x"}).file_id == "gs://bucket/x"


@pytest.mark.parametrize(
    "key", ["executableCode", "codeExecutionResult", "toolCall", "somethingNew"]
)
def test_what_only_gemini_knows_is_opaque(gemini, key):
    part = gemini.part(**{key: {"code": "x"}})

    assert isinstance(part, Opaque)
    assert (part.dialect, part.raw) == ("gemini", {key: {"code": "x"}})


def test_server_tools_keep_their_place_and_fields(gemini):
    tools = [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}]

    read = gemini.read(gemini.said({"text": "x"}, tools=tools)).tools

    assert [(tool.name, tool.kind) for tool in read] == [
        ("googleSearch", "server"),
        ("f", "function"),
    ]
    assert own(read[0].extra, "gemini") == {"googleSearch": {}}


def test_both_forms_of_schema_become_json_schema(gemini):
    own_form = {"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}}
    plain = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    declared = [
        {"name": "f", "parameters": own_form},
        {"name": "g", "parameters_json_schema": plain},
    ]

    tools = gemini.read(
        gemini.said({"text": "x"}, tools=[{"functionDeclarations": declared}])
    ).tools

    assert [tool.schema for tool in tools] == [plain, plain]


def test_upper_case_types_in_json_schema_are_understood(gemini):
    """Gemini CLI's router asks so (0.61, seen 2026-11)."""
    config = {"responseMimeType": "application/json", "responseJsonSchema": {"type": "OBJECT"}}

    assert gemini.read(gemini.said({"text": "x"}, generationConfig=config)).output.schema == {
        "type": "object"
    }


@pytest.mark.parametrize(
    ("calling", "expected"),
    [
        ({"mode": "AUTO"}, ToolChoice("auto")),
        ({"mode": "any"}, ToolChoice("required")),
        ({"mode": "NONE"}, ToolChoice("none")),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice("tool", name="f")),
        ({"mode": "VALIDATED", "allowedFunctionNames": ["f"]}, ToolChoice("auto", allowed=["f"])),
        ({"mode": "NEW"}, ToolChoice(None)),
    ],
)
def test_tool_choices(gemini, calling, expected):
    choice = gemini.read(
        gemini.said({"text": "x"}, toolConfig={"functionCallingConfig": calling})
    ).tool_choice

    assert (choice.mode, choice.name, choice.allowed) == (
        expected.mode,
        expected.name,
        expected.allowed,
    )


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"responseMimeType": "application/json"}, "json"),
        ({"responseMimeType": "text/plain"}, "text"),
        ({"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}}, "schema"),
        ({"responseJsonSchema": {"type": "object"}}, "schema"),
    ],
)
def test_so1_forms_of_the_answer(gemini, config, kind):
    assert gemini.read(gemini.said({"text": "x"}, generationConfig=config)).output.kind == kind


def test_a_count_may_wrap_a_whole_request(gemini):
    inner = {"model": "models/x", **gemini.said({"text": "hi"})}

    assert gemini.read({"generateContentRequest": inner}).messages[0].parts == [Text("hi")]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "contents"),
        ({"contents": 5}, "contents"),
        ({"contents": [5]}, "contents[0]"),
        ({"contents": [{"role": "robot", "parts": []}]}, "contents[0].role"),
        ({"contents": [{"parts": [{}]}]}, "contents[0].parts[0]"),
        ({"contents": [{"parts": [{"text": 5}]}]}, "contents[0].parts[0].text"),
        (
            {"contents": [{"parts": [{"functionCall": {}}]}]},
            "contents[0].parts[0].functionCall.name",
        ),
        ({"contents": [], "generationConfig": {"topP": "x"}}, "generationConfig.topP"),
        (
            {"contents": [], "generationConfig": {"stopSequences": [1]}},
            "generationConfig.stopSequences[0]",
        ),
        (
            {"contents": [], "tools": [{"functionDeclarations": [{}]}]},
            "tools[0].functionDeclarations[0].name",
        ),
        (
            {"contents": [], "systemInstruction": {"parts": [{"inlineData": {"data": ""}}]}},
            "systemInstruction.parts[0]",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(gemini, body, path):
    with pytest.raises(BadRequest) as refused:
        gemini.read(body)

    assert refused.value.param == path
    assert path in refused.value.message


def test_two_schemas_for_one_function_are_refused(gemini):
    declared = {"name": "f", "parameters": {}, "parametersJsonSchema": {}}

    with pytest.raises(BadRequest, match="parametersJsonSchema"):
        gemini.read(gemini.said({"text": "x"}, tools=[{"functionDeclarations": [declared]}]))
