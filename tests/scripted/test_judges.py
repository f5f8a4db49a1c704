"""The judges of what reaches the upstream find what a strict provider would refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted import claude, ollama, openai, responses

OPENAI_CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "look", "arguments": "{}"},
}
CLAUDE_CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
CLAUDE_RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}
OLLAMA_CALL = {"id": "c", "function": {"name": "look", "arguments": {}}}
RESPONSES_CALL = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
RESPONSES_RESULT = {"type": "function_call_output", "call_id": "c", "output": "seen"}
SAID = {"type": "text", "text": "Well."}


def _openai(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **fields}


def _claude(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **fields}


def _responses(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"model": "m", "stream": True, "input": list(items), **fields}


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
    "ollama tools": (
        ollama,
        _openai(
            USER | {"images": ["AAAA"]},
            {"role": "assistant", "content": "", "tool_calls": [OLLAMA_CALL]},
            {"role": "tool", "tool_name": "look", "tool_call_id": "c", "content": "seen"},
            tools=[{"type": "function", "function": {"name": "look", "parameters": {"x": 1}}}],
            options={"num_ctx": 1024, "min_p": 0.1},
        ),
    ),
    "ollama prompt": (ollama, {"model": "m", "prompt": "Hello", "images": ["AAAA"]}),
    "responses tools": (responses, _responses(USER, RESPONSES_CALL, RESPONSES_RESULT)),
    "what Codex says of itself": (
        responses,
        _responses(USER | {"type": "message", "id": "msg_1"}, client_metadata={"session": "s"}),
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
    "an unknown ollama field": (ollama, _openai(USER, tool_choice="auto"), ".tool_choice: unknown"),
    "an unknown ollama option": (ollama, _openai(USER, options={"bogus": 1}), ".options.bogus"),
    "a wrong ollama type": (
        ollama,
        _openai(USER, options={"top_k": "a"}),
        ".options.top_k",
    ),
    "a list as ollama content": (
        ollama,
        _openai({"role": "user", "content": [SAID]}),
        ".messages[0].content: Input should be a valid string",
    ),
    "ollama arguments as text": (
        ollama,
        _openai(
            {"role": "assistant", "tool_calls": [{"function": {"name": "l", "arguments": "x"}}]}
        ),
        "function.arguments",
    ),
    "an image by address for ollama": (
        ollama,
        _openai(USER | {"images": ["https://example.com/a.png"]}),
        ".messages[0].images[0]: no base64",
    ),
    "a result of another ollama tool": (
        ollama,
        _openai(
            USER,
            {"role": "assistant", "content": "", "tool_calls": [OLLAMA_CALL]},
            {"role": "tool", "tool_name": "see", "content": "seen"},
        ),
        "a result of 'see'",
    ),
    "an unknown responses field": (responses, _responses(USER, max_tokens=9), ".max_tokens"),
    "a message with an id": (
        responses,
        _responses(USER | {"type": "message", "id": "msg_1"}),
        ".input[0].id: unknown",
    ),
    "a responses call without its output": (
        responses,
        _responses(USER, RESPONSES_CALL),
        "no outputs for ['c']",
    ),
    "a responses output without its call": (
        responses,
        _responses(USER, RESPONSES_RESULT),
        "which was not called",
    ),
    "an id of another kind": (
        responses,
        _responses(RESPONSES_CALL | {"id": "call_1"}, RESPONSES_RESULT),
        "does not begin with 'fc'",
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

    assert wire.WIRE.check(body) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_is_found_out(name: str) -> None:
    wire, body, said = WRONG[name]

    errors = wire.WIRE.check(body)

    assert any(said in error for error in errors), errors
