"""Another dialect's request, as a Gemini model gets it."""

from __future__ import annotations

import pytest

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.model import (
    CacheControl,
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
from gateway_gemini.outbound import write_request

HI = Message("user", [Text("hi")])
PNG = Media("image", mime="image/png", data="aGk=")


def calls(*names, **fields):
    return Message("assistant", [ToolCall(f"id_{name}", name, "{}", **fields) for name in names])


def results(*names, parts=("ok",), **fields):
    texts = [Text(part) if isinstance(part, str) else part for part in parts]
    return Message("user", [ToolResult(f"id_{name}", texts, **fields) for name in names])


def test_turns_system_text_and_roles(gemini):
    body, losses = gemini.write(
        HI,
        Message("assistant", [Text("yes")]),
        Message("user", [Text("a"), PNG]),
        system=[Text("s")],
    )

    assert body["systemInstruction"] == {"parts": [{"text": "s"}]}
    assert [turn["role"] for turn in body["contents"]] == ["user", "model", "user"]
    assert body["contents"][2]["parts"][1] == {
        "inlineData": {"mimeType": "image/png", "data": "aGk="}
    }
    assert losses == []


def test_a_system_message_inside_is_marked_text_in_its_place(gemini):
    body, _ = gemini.write(
        HI, Message("assistant", [Text("a")]), Message("system", [Text("now"), PNG]), HI
    )

    last = body["contents"][2]
    assert last["role"] == "user"
    assert last["parts"][0] == {"text": "<system>\nnow\n</system>"}
    assert last["parts"][1:] == [
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
        {"text": "hi"},
    ]


def test_th1_th2_results_stand_right_after_their_calls(gemini):
    body, _ = gemini.write(
        HI, calls("a", "b"), Message("user", [Text("wait"), *results("b").parts]), results("a"), HI
    )

    roles = [turn["role"] for turn in body["contents"]]
    answers = [part["functionResponse"]["name"] for part in body["contents"][2]["parts"][:2]]
    assert roles == ["user", "model", "user"]
    assert answers == ["a", "b"]
    assert body["contents"][2]["parts"][2] == {"text": "wait"}


def test_mm2_images_of_results_follow_the_group(gemini):
    body, losses = gemini.write(
        HI,
        calls("a", "b"),
        Message("user", [*results("a", parts=[PNG]).parts, *results("b").parts]),
    )

    parts = body["contents"][2]["parts"]
    assert [next(iter(part)) for part in parts] == [
        "functionResponse",
        "functionResponse",
        "text",
        "inlineData",
    ]
    assert parts[0]["functionResponse"]["response"]["output"]
    assert losses == []


def test_th10_a_failed_result_says_so(gemini):
    body, _ = gemini.write(HI, calls("a"), results("a", is_error=True))

    assert body["contents"][2]["parts"][0]["functionResponse"]["response"] == {"error": "ok"}


def test_words_of_a_piece_only_another_dialect_knows_reach_the_model(gemini):
    told = Opaque("claude", {"type": "tool_reference"}, text="Tool X is now available.")

    body, _ = gemini.write(HI, calls("a"), results("a", parts=[told]), Message("user", [told]))

    parts = body["contents"][2]["parts"]
    assert parts[0]["functionResponse"]["response"] == {"output": "Tool X is now available."}
    assert parts[1] == {"text": "Tool X is now available."}


def test_tk2_the_first_call_of_a_turn_is_signed(gemini):
    own = Seal("c2ln", "gemini", "google", "gemini-2.5-flash")
    body, _ = gemini.write(
        HI, calls("a", "b"), results("a", "b"), calls("c", seal=own), results("c")
    )

    first, signed = body["contents"][1]["parts"], body["contents"][3]["parts"]
    assert first[0]["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in first[1]
    assert signed[0]["thoughtSignature"] == "c2ln"


def test_tk3_another_models_seals_and_thoughts_stay_behind_and_are_recorded(gemini):
    foreign = Seal("Zm8=", "claude", "anthropic", "c")
    turn = Message("assistant", [Thinking("hm", seal=foreign), Text("a", seal=foreign)])

    body, losses = gemini.write(HI, turn, HI)

    assert body["contents"][1]["parts"] == [{"text": "a"}]
    assert losses == ["messages[1].parts[0].thinking hint", "messages[1].parts[1].seal hint"]


def test_tk2_a_models_own_thoughts_go_back_to_it(gemini):
    own = Seal("c2ln", "gemini", "google", "gemini-2.5-flash")

    body, losses = gemini.write(HI, Message("assistant", [Thinking("hm", seal=own), Text("a")]), HI)

    thought = {"text": "hm", "thought": True, "thoughtSignature": "c2ln"}
    assert body["contents"][1]["parts"][0] == thought
    assert losses == []


def test_th3_a_schema_is_said_in_geminis_words(gemini):
    schema = {
        "$schema": "x",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "n": {"type": ["integer", "null"], "exclusiveMinimum": 0},
            "k": {"const": "a"},
            "big": {"type": "integer", "maximum": 9007199254740991},
        },
        "required": ["n", "gone"],
    }

    body, losses = gemini.write(tools=[Tool("f", "does", schema)])

    sent = body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]
    assert sent == {
        "type": "object",
        "properties": {
            "n": {"type": ["integer", "null"], "description": "(exclusiveMinimum: 0)"},
            "k": {"type": "string", "enum": ["a"]},
            "big": {"type": "integer", "description": "(maximum: 9007199254740991)"},
        },
        "required": ["n"],
    }
    assert all(loss.endswith(" hint") for loss in losses)
    assert "tools[0].schema.properties.n.exclusiveMinimum hint" in losses


def test_th5_parameters_that_gemini_refuses_are_renamed_and_raised_back(gemini):
    one = gemini.attempt()
    schema = {"type": "object", "properties": {"-A": {"type": "integer"}}}
    call = ToolCall("c", "grep", '{"-A": 3}')
    body, _ = gemini.write(
        HI, Message("assistant", [call]), one=one, tools=[Tool("grep", schema=schema)]
    )

    args = body["contents"][1]["parts"][0]["functionCall"]["args"]
    (lowered,) = args
    events = gemini.decode(
        gemini.sse(
            gemini.response({"functionCall": {"name": "grep", "args": args}}, finish="STOP")
        ),
        one=one,
    )

    assert lowered != "-A"
    assert (
        lowered in body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["properties"]
    )
    assert events[2].text == '{"-A":3}'


def test_th4_th5_names_and_namespaces_are_lowered_and_raised_back(gemini):
    one = gemini.attempt()
    long, spaced = "x" * 80, "9 lives"
    tools = [Tool(long), Tool(spaced), Tool("read", namespace="mcp__fs")]
    body, _ = gemini.write(one=one, tools=tools)

    names = [each["name"] for each in body["tools"][0]["functionDeclarations"]]
    made = [{"functionCall": {"name": name}} for name in names]
    events = gemini.decode(gemini.sse(gemini.response(*made, finish="STOP")), one=one)

    assert all(len(name) <= 64 and not name[0].isdigit() for name in names)
    starts = [event for event in events if hasattr(event, "kind")]
    assert [(e.namespace, e.name) for e in starts] == [
        (None, long),
        (None, spaced),
        ("mcp__fs", "read"),
    ]


def test_th5_custom_tools_are_lowered_and_raised(gemini):
    one = gemini.attempt()
    call = ToolCall("c", "apply_patch", "*** Begin", kind="custom")
    tool = Tool("apply_patch", kind="custom")
    body, losses = gemini.write(HI, Message("assistant", [call]), one=one, tools=[tool])

    assert body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["required"] == [
        "input"
    ]
    assert body["contents"][1]["parts"][0]["functionCall"]["args"] == {"input": "*** Begin"}
    assert losses == ["tools[0] hint"]
    made = {"functionCall": {"name": "apply_patch", "args": {"input": "*** End"}}}
    events = gemini.decode(gemini.sse(gemini.response(made, finish="STOP")), one=one)
    assert (events[1].tool, events[2].text) == ("custom", "*** End")


@pytest.mark.parametrize("schema", [None, {"type": "object"}, {"type": "object", "properties": {}}])
def test_a_tool_without_parameters_has_no_schema(gemini, schema):
    body, _ = gemini.write(tools=[Tool("f", "d", schema)])

    assert body["tools"] == [{"functionDeclarations": [{"name": "f", "description": "d"}]}]


def test_th6_server_tools_of_others_are_a_recorded_loss(gemini):
    body, losses = gemini.write(tools=[Tool("web_search", kind="server")])

    assert "tools" not in body
    assert losses == ["tools[0] meaning"]


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (ToolChoice("auto"), {"mode": "AUTO"}),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("required"), {"mode": "ANY"}),
        (ToolChoice("tool", name="f"), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice("auto", allowed=["f"]), {"mode": "VALIDATED", "allowedFunctionNames": ["f"]}),
    ],
)
def test_th9_tool_choices(gemini, choice, calling):
    body, losses = gemini.write(tools=[Tool("f")], tool_choice=choice)

    assert body["toolConfig"] == {"functionCallingConfig": calling}
    assert losses == []


def test_th9_one_call_at_a_time_cannot_be_asked_for(gemini):
    body, losses = gemini.write(tools=[Tool("f")], tool_choice=ToolChoice(parallel=False))

    assert "toolConfig" not in body
    assert losses == ["tool_choice.parallel meaning"]


@pytest.mark.parametrize(
    ("model", "reasoning", "expected"),
    [
        ("gemini-2.5-flash", Reasoning("on", budget=2000), {"thinkingBudget": 2000}),
        ("gemini-2.5-flash", Reasoning("on", budget=99_999), {"thinkingBudget": 24_576}),
        ("gemini-2.5-flash", Reasoning(effort="low"), {"thinkingBudget": 1024}),
        ("gemini-2.5-flash", Reasoning("adaptive"), {"thinkingBudget": -1}),
        ("gemini-3.5-flash", Reasoning(effort="minimal"), {"thinkingLevel": "MINIMAL"}),
        ("gemini-3-pro", Reasoning(effort="minimal"), {"thinkingLevel": "LOW"}),
        ("gemini-3-pro", Reasoning("adaptive", effort="max"), {"thinkingLevel": "HIGH"}),
    ],
)
def test_thinking_follows_the_models_generation(gemini, model, reasoning, expected):
    body, _ = gemini.write(one=gemini.attempt(model=model), reasoning=reasoning)

    assert body["generationConfig"]["thinkingConfig"] == {**expected, "includeThoughts": True}


@pytest.mark.parametrize(
    ("model", "expected", "lost"),
    [
        ("gemini-2.5-flash", {"thinkingBudget": 0}, []),
        ("gemini-2.5-pro", {"thinkingBudget": 128}, ["reasoning hint"]),
        ("gemini-3-pro", {"thinkingLevel": "LOW"}, ["reasoning hint"]),
    ],
)
def test_thinking_switched_off(gemini, model, expected, lost):
    body, losses = gemini.write(one=gemini.attempt(model=model), reasoning=Reasoning("off"))

    assert body["generationConfig"]["thinkingConfig"] == expected
    assert losses == lost


def test_a_model_that_does_not_think_is_not_asked_to(gemini):
    one = gemini.attempt(facts={"thinking": False})

    body, losses = gemini.write(one=one, reasoning=Reasoning("on", budget=99))

    assert "generationConfig" not in body
    assert losses == ["reasoning hint"]


def test_so1_an_answer_by_schema_keeps_its_names(gemini):
    schema = {"type": "object", "properties": {"-a": {"type": "string"}}}

    body, losses = gemini.write(output=Output("schema", schema, name="n", strict=True))

    config = body["generationConfig"]
    assert config == {"responseMimeType": "application/json", "responseJsonSchema": schema}
    assert losses == ["output.name hint", "output.strict hint"]


def test_sampling_is_kept_within_what_gemini_takes(gemini):
    sampling = Sampling(stop=list("abcdefg"), max_tokens=99_999, seed=2**40, top_k=5)

    body, losses = gemini.write(one=gemini.attempt(facts={"max_output": 8192}), sampling=sampling)

    config = body["generationConfig"]
    assert config["stopSequences"] == list("abcde")
    assert (config["maxOutputTokens"], config["topK"]) == (8192, 5)
    assert 0 <= config["seed"] < 2**31
    assert losses == ["sampling.stop meaning", "sampling.max_tokens meaning", "sampling.seed hint"]


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (
            Media("image", url="https://a.example/b.webp?x"),
            {"fileData": {"mimeType": "image/webp", "fileUri": "https://a.example/b.webp?x"}},
        ),
        (
            Media("image", url="https://a.example/b"),
            {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://a.example/b"}},
        ),
        (
            Media("document", mime="application/pdf", data="JVBE"),
            {"inlineData": {"mimeType": "application/pdf", "data": "JVBE"}},
        ),
    ],
)
def test_mm1_media_have_a_type(gemini, media, expected):
    body, losses = gemini.write(Message("user", [media]))

    assert body["contents"][0]["parts"] == [expected]
    assert losses == []


def test_mm1_a_file_of_another_provider_is_told_and_recorded(gemini):
    body, losses = gemini.write(
        Message("user", [Media("document", file_id="file-1", name="a.pdf")])
    )

    assert "left out" in body["contents"][0]["parts"][0]["text"]
    assert losses == ["messages[0].parts[0] meaning"]


def test_pc2_cache_markers_stay_behind_as_hints(gemini):
    mark = CacheControl("5m")
    message = Message("user", [Text("a", cache_control=mark)])

    body, losses = gemini.write(message, tools=[Tool("f", cache_control=mark)])

    assert "cache" not in str(body)
    assert sorted(losses) == [
        "messages[0].parts[0].cache_control hint",
        "tools[0].cache_control hint",
    ]


def test_ec1_empty_texts_are_left_out_and_an_empty_conversation_refused(gemini):
    body, _ = gemini.write(Message("user", [Text(""), Text("x")]))

    assert body["contents"][0]["parts"] == [{"text": "x"}]
    with pytest.raises(BadRequest, match="no message"):
        gemini.write(Message("user", [Text("")]))


def test_arguments_that_are_no_object_are_wrapped_and_recorded(gemini):
    body, losses = gemini.write(HI, Message("assistant", [ToolCall("c", "f", "{half")]))

    assert body["contents"][1]["parts"][0]["functionCall"]["args"] == {"raw_arguments": "{half"}
    assert losses == ["messages[1].parts[0].arguments hint"]


def test_a_backend_may_stand_at_another_address(gemini):
    one = Attempt(Target("vertex", "m", "vertex", "gemini"), client="openai")
    body, _ = gemini.write(HI, one=one)

    assert body == {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    assert (
        write_request(gemini.read(gemini.said({"text": "x"})), one).path
        == "/models/m:generateContent"
    )
