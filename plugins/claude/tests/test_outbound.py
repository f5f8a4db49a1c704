"""What other dialects' requests become on Claude's wire, and what the ledger says of the rest."""

from __future__ import annotations

import pytest
from anthropic.types import MessageCreateParams
from pydantic import ValidationError

from gateway.model import (
    Media,
    Message,
    Opaque,
    Output,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from gateway_claude.outbound import JSON_ONLY

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
