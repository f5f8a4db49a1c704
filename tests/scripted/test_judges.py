"""The judges of what reaches the upstream find what a strict provider would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted import claude, openai

OPENAI_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "look", "arguments": "{}"},
}
CLAUDE_CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
CLAUDE_RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}
SAID = {"type": "text", "text": "Well."}


def _openai(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **fields}


def _claude(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **fields}


USER = {"role": "user", "content": "Hello"}
RIGHT = {
    "openai text": (openai, _openai(USER)),
    "openai tools": (
        openai,
        _openai(
            USER,
            {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "seen"},
        ),
    ),
    "claude text": (claude, _claude(USER, temperature=0.5)),
    "claude tools": (
        claude,
        _claude(
            USER,
            {"role": "assistant", "content": [CLAUDE_CALL]},
            {"role": "user", "content": [CLAUDE_RESULT, SAID]},
            tools=[{"name": "look", "input_schema": {"type": "object", "$schema": "x"}}],
        ),
    ),
}
WRONG = {
    "an unknown field": (openai, _openai(USER, bogus=1), ".bogus: unknown"),
    "an unknown field inside": (openai, _openai(USER | {"bogus": 1}), ".messages[0].bogus"),
    "a missing field": (openai, {"messages": [USER]}, ".model: missing"),
    "a wrong type": (openai, _openai(USER, temperature="hot"), ".temperature: str"),
    "a wrong literal": (openai, _openai(USER, reasoning_effort="huge"), ".reasoning_effort"),
    "a result without its call": (
        openai,
        _openai(USER, {"role": "tool", "tool_call_id": "call_1", "content": "seen"}),
        "answers no call",
    ),
    "a call without its result": (
        openai,
        _openai(USER, {"role": "assistant", "content": None, "tool_calls": [OPENAI_CALL]}, USER),
        "before the results",
    ),
    "a marker that leaked": (
        openai,
        _openai({"role": "user", "content": [SAID | {"cache_control": {"type": "ephemeral"}}]}),
        "cache_control: unknown",
    ),
    "an unknown claude field": (claude, _claude(USER, bogus=1), ".bogus: unknown"),
    "an empty text": (
        claude,
        _claude({"role": "user", "content": [{"type": "text", "text": ""}]}),
        "empty text",
    ),
    "a result after something else": (
        claude,
        _claude(
            USER,
            {"role": "assistant", "content": [CLAUDE_CALL]},
            {"role": "user", "content": [SAID, CLAUDE_RESULT]},
        ),
        "before a tool result",
    ),
    "results in the next but one turn": (
        claude,
        _claude(
            USER,
            {"role": "assistant", "content": [CLAUDE_CALL]},
            USER,
            {"role": "user", "content": [CLAUDE_RESULT]},
        ),
        "no results for",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_request_has_no_errors(name: str) -> None:
    wire, body = RIGHT[name]

    assert wire.check(body) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_found_out(name: str) -> None:
    wire, body, said = WRONG[name]

    errors = wire.check(body)

    assert any(said in error for error in errors), errors
