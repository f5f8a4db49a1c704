"""How much Claude is asked to think, and which thoughts go back to it."""

from __future__ import annotations

import pytest
from anthropic.types import MessageCreateParams

from gateway.model import (
    Message,
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

F = Tool("f", "Does f.", {"type": "object", "properties": {"a": {"type": "string"}}})


def user(*parts):
    return Message("user", [Text(p) if isinstance(p, str) else p for p in parts])


def assistant(*parts):
    return Message("assistant", [Text(p) if isinstance(p, str) else p for p in parts])


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


def text(words):
    return {"type": "text", "text": words}


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
