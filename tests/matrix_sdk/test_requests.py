"""What reaches the upstream: media, tools, results, constraints, in its own dialect's shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel

from tests.matrix_sdk.pairs import Pair
from tests.scripted import Scripted
from tests.scripted.answer import TEXT

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)
PDF = "JVBERi0xLjQKMSAwIG9iajw8Pj5lbmRvYmoKdHJhaWxlcjw8Pj4KJSVFT0Y="
SYSTEM = "You are terse."
IMAGE_URL = "https://example.invalid/dot.png"

Forms = dict[str, dict[str, Any]]
IMAGES: Forms = {
    "openai": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    "claude": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": PNG},
    },
}
LINKED_IMAGES: Forms = {
    "openai": {"type": "image_url", "image_url": {"url": IMAGE_URL}},
    "claude": {"type": "image", "source": {"type": "url", "url": IMAGE_URL}},
}
PDFS: Forms = {
    "openai": {
        "type": "file",
        "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
    },
    "claude": {
        "type": "document",
        "title": "a.pdf",
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
    },
}
MEDIA = {"image": IMAGES, "linked image": LINKED_IMAGES, "pdf": PDFS}


class Weather(BaseModel):
    city: str
    days: int


@pytest.mark.parametrize("kind", MEDIA)
def test_media_reaches_the_upstream(pair: Pair, upstream: Scripted, way: str, kind: str) -> None:
    content = [{"type": "text", "text": "What is this?"}, MEDIA[kind][pair.inbound]]

    outcome = pair.ask(way, "say-text", messages=[{"role": "user", "content": content}])

    assert outcome.text == TEXT
    received = upstream.last.body["messages"][-1]["content"]
    assert received[0] == {"type": "text", "text": "What is this?"}
    assert _without_detail(received[1]) == MEDIA[kind][pair.outbound]


def test_tools_reach_the_upstream_as_they_were_defined(pair: Pair, upstream: Scripted) -> None:
    pair.ask("whole", "say-text", tools=[pair.client.TOOL])

    tool = upstream.last.body["tools"][0]
    own = {"openai": "parameters", "claude": "input_schema"}
    function = tool.get("function", tool)
    assert function["name"] == "get_weather"
    assert function["description"] == "The weather of the next days."
    assert function[own[pair.outbound]]["required"] == ["city"]


CHOICES: dict[str, dict[str, Any]] = {
    "any": {"openai": "required", "claude": {"type": "any"}},
    "none": {"openai": "none", "claude": {"type": "none"}},
    "auto": {"openai": "auto", "claude": {"type": "auto"}},
    "one": {
        "openai": {"type": "function", "function": {"name": "get_weather"}},
        "claude": {"type": "tool", "name": "get_weather"},
    },
}


@pytest.mark.parametrize("choice", CHOICES)
def test_a_tool_choice_keeps_its_meaning(pair: Pair, upstream: Scripted, choice: str) -> None:
    forms = CHOICES[choice]

    pair.ask("whole", "say-text", tools=[pair.client.TOOL], tool_choice=forms[pair.inbound])

    assert upstream.last.body["tool_choice"] == forms[pair.outbound]


def test_sampling_reaches_the_upstream(pair: Pair, upstream: Scripted) -> None:
    """The anthropic SDK has no words for temperature since version 2; the wire still does."""
    stops = {"openai": "stop", "claude": "stop_sequences"}
    limits = {"openai": "max_completion_tokens", "claude": "max_tokens"}

    pair.ask(
        "whole",
        "say-text",
        extra_body={"temperature": 0.25, "top_p": 0.5},
        **{stops[pair.inbound]: ["END"], limits[pair.inbound]: 77},
    )

    body = upstream.last.body
    assert (body["temperature"], body["top_p"]) == (0.25, 0.5)
    assert body[stops[pair.outbound]] == ["END"]
    assert 77 in (body.get("max_tokens"), body.get("max_completion_tokens"))


def test_the_system_prompt_leads_at_the_upstream(pair: Pair, upstream: Scripted) -> None:
    said: Forms = {
        "openai": {
            "messages": [
                {"role": "system", "content": SYSTEM},
                {"role": "user", "content": "Hello"},
            ]
        },
        "claude": {"system": SYSTEM},
    }

    pair.ask("whole", "say-text", **said[pair.inbound])

    body = upstream.last.body
    leading = body["system"] if pair.outbound == "claude" else body["messages"][0]["content"]
    assert _text(leading) == SYSTEM
    assert len(body["messages"]) == (1 if pair.outbound == "claude" else 2)


def test_two_tools_run_and_their_results_come_back(
    pair: Pair, upstream: Scripted, way: str
) -> None:
    """The second turn: what the SDK got, sent back with a result for each call."""
    tools = [pair.client.TOOL]
    called = pair.ask(way, "say-two-tools", tools=tools)
    history = HISTORIES[pair.inbound](called)

    outcome = pair.ask(way, "say-text", tools=tools, messages=history)

    assert outcome.text == TEXT
    assert _results(upstream.last.body, pair.outbound) == ["sunny", "rain"]


def test_structured_output_is_asked_for_and_parsed(pair: Pair, upstream: Scripted) -> None:
    parsed = PARSERS[pair.inbound](pair)

    assert parsed == Weather(city="stub", days=1)
    schema = _schema(upstream.last.body, pair.outbound)
    assert set(schema["properties"]) == {"city", "days"}


def _openai_history(called: Any) -> list[dict[str, Any]]:
    calls = [
        {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
        for id, (name, given) in zip(called.call_ids, called.calls, strict=True)
    ]
    results = [
        {"role": "tool", "tool_call_id": id, "content": said}
        for id, said in zip(called.call_ids, ("sunny", "rain"), strict=True)
    ]
    asked = {"role": "user", "content": "Weather?"}
    return [asked, {"role": "assistant", "content": None, "tool_calls": calls}, *results]


def _claude_history(called: Any) -> list[dict[str, Any]]:
    calls = [
        {"type": "tool_use", "id": id, "name": name, "input": given}
        for id, (name, given) in zip(called.call_ids, called.calls, strict=True)
    ]
    results = [
        {"type": "tool_result", "tool_use_id": id, "content": said}
        for id, said in zip(called.call_ids, ("sunny", "rain"), strict=True)
    ]
    asked = {"role": "user", "content": "Weather?"}
    answered = {"role": "assistant", "content": calls}
    return [asked, answered, {"role": "user", "content": results}]


def _parse_openai(pair: Pair) -> Any:
    completion = pair.sdk.chat.completions.parse(
        **pair.client.request("say-json"), response_format=Weather
    )
    return completion.choices[0].message.parsed


def _parse_claude(pair: Pair) -> Any:
    message = pair.sdk.messages.parse(**pair.client.request("say-json"), output_format=Weather)
    return message.parsed_output


HISTORIES = {"openai": _openai_history, "claude": _claude_history}
PARSERS = {"openai": _parse_openai, "claude": _parse_claude}


def _results(body: dict[str, Any], dialect: str) -> list[str]:
    if dialect == "openai":
        return [_text(m["content"]) for m in body["messages"] if m["role"] == "tool"]
    return [_text(block["content"]) for block in body["messages"][-1]["content"]]


def _schema(body: dict[str, Any], dialect: str) -> dict[str, Any]:
    if dialect == "openai":
        schema: dict[str, Any] = body["response_format"]["json_schema"]["schema"]
    else:
        schema = body["output_config"]["format"]["schema"]
    return schema


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content)


def _without_detail(part: dict[str, Any]) -> dict[str, Any]:
    """An image without OpenAI's `detail`, which a gateway may say or leave out."""
    if isinstance(part.get("image_url"), dict):
        rest = {key: value for key, value in part["image_url"].items() if key != "detail"}
        return {**part, "image_url": rest}
    return part
