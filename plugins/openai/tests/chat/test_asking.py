"""How thinking is asked for in each vendor's own form."""

from __future__ import annotations

import pytest

from gateway.model import ChatRequest, Message, Reasoning, Text, ToolCall, ToolResult

HI = Message("user", [Text("hi")])
ON = Reasoning(mode="on", budget=4_096)
OFF = Reasoning(mode="off")
HIGH, XHIGH = Reasoning(effort="high"), Reasoning(effort="xhigh")
ADAPTIVE = Reasoning(mode="adaptive")
LOW = Reasoning(mode="adaptive", effort="low")
DEEPSEEK = {"vendor": "deepseek"}
FIELDS = (
    *("reasoning_effort", "thinking", "enable_thinking", "thinking_budget"),
    *("reasoning", "reasoning_split", "chat_template_kwargs"),
)
ENABLED, DISABLED = {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}


def asked(chat, vendor, model, reasoning, *, stream=True):
    request = ChatRequest("alias", [HI], reasoning=reasoning)
    body, losses = chat.write(request, stream=stream, model=model, quirks={"vendor": vendor})
    return {name: body[name] for name in FIELDS if name in body}, losses


def kwargs(**said):
    return {"chat_template_kwargs": said}


@pytest.mark.parametrize(
    ("vendor", "model", "reasoning", "said"),
    [
        ("openai", "gpt-5", ON, {"reasoning_effort": "medium"}),
        ("openai", "gpt-5", OFF, {"reasoning_effort": "none"}),
        ("openai", "gpt-4o", HIGH, {}),
        ("deepseek", "deepseek-v4", HIGH, {**ENABLED, "reasoning_effort": "high"}),
        ("deepseek", "deepseek-v4", XHIGH, {**ENABLED, "reasoning_effort": "max"}),
        ("deepseek", "deepseek-v4", ON, {**ENABLED, "reasoning_effort": "high"}),
        ("deepseek", "deepseek-v4", ADAPTIVE, ENABLED),
        ("deepseek", "deepseek-v4", OFF, DISABLED),
        ("moonshot", "kimi-k2.5", HIGH, ENABLED),
        ("moonshot", "kimi-k2.5", OFF, DISABLED),
        ("moonshot", "kimi-k2-0905-preview", HIGH, {}),
        ("zhipu", "glm-5", ON, ENABLED),
        ("dashscope", "qwen-plus", ON, {"enable_thinking": True, "thinking_budget": 4_096}),
        ("dashscope", "qwen-plus", HIGH, {"enable_thinking": True, "thinking_budget": 24_576}),
        ("dashscope", "qwen-plus", OFF, {"enable_thinking": False}),
        ("minimax", "MiniMax-M2", HIGH, {"reasoning_split": True}),
        ("sensenova", "sensenova-v6", XHIGH, {"reasoning_effort": "high"}),
        ("xai", "grok-3-mini", ON, {"reasoning_effort": "high"}),
        ("xai", "grok-4", HIGH, {}),
        ("openrouter", "a/b", ON, {"reasoning": {"max_tokens": 4_096}}),
        ("groq", "openai/gpt-oss-120b", XHIGH, {"reasoning_effort": "high"}),
        ("groq", "llama-3.3-70b", XHIGH, {}),
        ("nvidia", "deepseek-ai/deepseek-v4-pro", XHIGH, {"reasoning_effort": "max"}),
        ("nvidia", "moonshotai/kimi-k2-thinking", HIGH, {}),
        ("nvidia", "meta/llama-3.3-70b", HIGH, {}),
    ],
)
def test_each_vendor_is_asked_in_its_own_form(chat, vendor, model, reasoning, said):
    if vendor == "nvidia" and "llama" not in model:
        said = kwargs(thinking=True, **said)

    assert asked(chat, vendor, model, reasoning)[0] == said


@pytest.mark.parametrize(
    ("model", "reasoning", "said"),
    [
        ("deepseek-ai/deepseek-v3.2", OFF, {"thinking": False}),
        ("Qwen/Qwen3-Next-80B", ON, {"enable_thinking": True}),
        ("google/gemma-4-31b", OFF, {"enable_thinking": False}),
        ("z-ai/glm5", HIGH, {"enable_thinking": True, "clear_thinking": False}),
        ("z-ai/glm-4.7", OFF, {"enable_thinking": False}),
        ("minimaxai/minimax-m3", ADAPTIVE, {"thinking_mode": "adaptive"}),
        ("minimaxai/minimax-m3", OFF, {"thinking_mode": "disabled"}),
        ("nvidia/nemotron-3-super", LOW, {"enable_thinking": True, "low_effort": True}),
        ("nvidia/nemotron-3-super", HIGH, {"enable_thinking": True}),
        ("thinkingmachines/inkling", OFF, {"reasoning_effort": "none"}),
        ("thinkingmachines/inkling", XHIGH, {"reasoning_effort": "high"}),
    ],
)
def test_a_models_template_is_set_as_it_knows_it(chat, model, reasoning, said):
    assert asked(chat, "nvidia", model, reasoning)[0] == kwargs(**said)


def test_settings_that_the_client_gave_a_template_win(chat):
    body = chat.home(
        {
            "model": "qwen3-next",
            "messages": [{"role": "user", "content": "hi"}],
            "reasoning_effort": "high",
            "chat_template_kwargs": {"enable_thinking": False, "mine": 1},
        },
        quirks={"vendor": "vllm"},
    )[0]

    assert body["chat_template_kwargs"] == {"enable_thinking": False, "mine": 1}


@pytest.mark.parametrize("reasoning", [None, HIGH])
def test_a_model_that_thinks_in_streams_only_is_told_not_to_in_a_whole_reply(chat, reasoning):
    whole, losses = asked(chat, "dashscope", "qwen3-235b-a22b", reasoning, stream=False)

    assert whole == {"enable_thinking": False}
    assert [loss.path for loss in losses] == (["reasoning"] if reasoning else [])


@pytest.mark.parametrize(
    ("vendor", "model", "reasoning"),
    [
        ("deepseek", "deepseek-v4", XHIGH),
        ("moonshot", "kimi-k2.5", HIGH),
        ("dashscope", "qwen-plus", HIGH),
        ("minimax", "MiniMax-M2", OFF),
        ("minimax", "MiniMax-M2", HIGH),
        ("nvidia", "meta/llama-3.3-70b", HIGH),
        ("nvidia", "qwen/qwen3-80b", HIGH),
        ("xai", "grok-4", HIGH),
    ],
)
def test_what_a_vendor_can_not_be_told_is_a_hint_in_the_ledger(chat, vendor, model, reasoning):
    losses = asked(chat, vendor, model, reasoning)[1]

    assert [loss.weight for loss in losses] == ["hint"]
    assert all(loss.path.startswith("reasoning") for loss in losses)


def test_an_effort_of_an_openai_client_becomes_one_that_deepseek_knows(chat):
    said = {"messages": [{"role": "user", "content": "hi"}], "reasoning_effort": "xhigh"}

    body, losses = chat.home({"model": "deepseek-v4", **said}, quirks={"vendor": "deepseek"})

    assert (body["reasoning_effort"], body["thinking"]) == ("max", {"type": "enabled"})
    assert [loss.path for loss in losses] == ["reasoning.effort"]


def test_an_openai_clients_own_request_is_made_fit_for_deepseek(chat):
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": "be kind"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "r"},
    ]

    body, _ = chat.home({"model": "deepseek-v4", "messages": messages}, quirks=DEEPSEEK)

    assert [m["role"] for m in body["messages"]] == ["system", "user", "assistant", "tool"]
    assert body["messages"][2]["reasoning_content"] == ""


def turns(*, tools):
    call = [ToolCall("a", "f", "{}")] if tools else []
    results = [Message("user", [ToolResult("a", [Text("r")])])] if tools else []
    said = [Message("assistant", [Text("ok")]), HI, Message("assistant", [*call, Text("so")])]
    return [HI, *said, *results, HI]


@pytest.mark.parametrize(
    ("reasoning", "tools", "fields"),
    [(None, True, ["", ""]), (HIGH, True, ["", ""]), (OFF, True, []), (HIGH, False, [])],
)
def test_deepseek_gets_thoughts_in_every_turn_once_it_thinks_and_used_tools(
    chat, reasoning, tools, fields
):
    request = ChatRequest("alias", turns(tools=tools), reasoning=reasoning)

    body, _ = chat.write(request, quirks={"vendor": "deepseek"})

    found = [m["reasoning_content"] for m in body["messages"] if "reasoning_content" in m]
    assert found == fields
