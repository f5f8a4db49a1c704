"""Request bodies for the load tests, made from a seed so that every run sends the same bytes.

Two shapes: `small` is a one-line question; `agent` is a coding agent's turn with 30 tools, a long
system prompt and a history of calls and results (137 KB). Each is rendered by each dialect.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

Json = Any
WORDS = [
    "the",
    "file",
    "reads",
    "each",
    "line",
    "and",
    "returns",
    "a",
    "list",
    "of",
    "parsed",
    "tokens",
    "unless",
    "path",
    "is",
    "empty",
    "then",
    "raise",
    "error",
]


def body(dialect: str, shape: str, *, model: str, streamed: bool) -> bytes:
    """Return the request of a client of `dialect` ("o" is OpenAI chat, "a" is Anthropic)."""
    render = RENDER[dialect]
    return json.dumps(render(SHAPES[shape](), model, streamed), ensure_ascii=False).encode()


def small() -> Json:
    return {
        "system": "You are terse.",
        "tools": [],
        "turns": [("user", "Say hello to the world, please.")],
    }


def agent() -> Json:
    rng = random.Random(7)
    tools = [
        {"name": f"tool_{i}", "description": prose(rng, 1100), "schema": schema(rng, 6)}
        for i in range(30)
    ]
    return {"system": prose(rng, 14_000), "tools": tools, "turns": turns(rng, 50_000)}


def turns(rng: random.Random, size: int) -> list[tuple[Json, ...]]:
    """Return neutral history of about `size` characters: (kind, ...) tuples."""
    out: list[tuple[Json, ...]] = [("user", "Fix the failing test in this repository.")]
    for i in range(-(-size // 3200)):
        call, text, result = f"call_{i:04d}", prose(rng, 300), prose(rng, 2400)
        arguments = {"field_0": prose(rng, 80), "field_1": prose(rng, 80)}
        out += [("call", call, text, "tool_3", arguments), ("result", call, result)]
    return out


def prose(rng: random.Random, size: int) -> str:
    out: list[str] = []
    length = 0
    while length < size:
        word = rng.choice(WORDS)
        out.append(word)
        length += len(word) + 1
        if rng.random() < 0.05:
            out.append('\n    "quoted": {x}\\path\t')
            length += 24
    return " ".join(out)[:size]


def schema(rng: random.Random, fields: int) -> Json:
    kinds = ["string", "number", "boolean"]
    properties = {
        f"field_{i}": {"type": rng.choice(kinds), "description": prose(rng, 120)}
        for i in range(fields)
    }
    required = list(properties)[:2]
    closed = {"required": required, "additionalProperties": False}
    return {"type": "object", "properties": properties, **closed}


def openai(neutral: Json, model: str, streamed: bool) -> Json:
    messages = [{"role": "system", "content": neutral["system"]}]
    messages += [OPENAI_TURNS[kind](*rest) for kind, *rest in neutral["turns"]]
    out = {**common(model, streamed), "messages": messages}
    if neutral["tools"]:
        out["tools"] = [{"type": "function", "function": openai_tool(t)} for t in neutral["tools"]]
    if streamed:
        out["stream_options"] = {"include_usage": True}
    return out


def anthropic(neutral: Json, model: str, streamed: bool) -> Json:
    messages = [ANTHROPIC_TURNS[kind](*rest) for kind, *rest in neutral["turns"]]
    out = {**common(model, streamed), "system": neutral["system"], "messages": messages}
    if neutral["tools"]:
        out["tools"] = [anthropic_tool(t) for t in neutral["tools"]]
    return out


def common(model: str, streamed: bool) -> Json:
    return {"model": model, "stream": streamed, "max_tokens": 1024, "temperature": 0.7}


def openai_tool(tool: Json) -> Json:
    named = {"name": tool["name"], "description": tool["description"]}
    return {**named, "parameters": tool["schema"]}


def openai_call(call: str, text: str, name: str, arguments: Json) -> Json:
    function = {"name": name, "arguments": json.dumps(arguments)}
    calls = [{"id": call, "type": "function", "function": function}]
    return {"role": "assistant", "content": text, "tool_calls": calls}


def anthropic_tool(tool: Json) -> Json:
    named = {"name": tool["name"], "description": tool["description"]}
    return {**named, "input_schema": tool["schema"]}


def anthropic_call(call: str, text: str, name: str, arguments: Json) -> Json:
    use = {"type": "tool_use", "id": call, "name": name, "input": arguments}
    return {"role": "assistant", "content": [{"type": "text", "text": text}, use]}


def anthropic_result(call: str, result: str) -> Json:
    block = {"type": "tool_result", "tool_use_id": call, "content": result}
    return {"role": "user", "content": [block]}


def user(text: str) -> Json:
    return {"role": "user", "content": text}


def openai_result(call: str, result: str) -> Json:
    return {"role": "tool", "tool_call_id": call, "content": result}


OPENAI_TURNS: dict[str, Callable[..., Json]] = {
    "user": user,
    "call": openai_call,
    "result": openai_result,
}
ANTHROPIC_TURNS: dict[str, Callable[..., Json]] = {
    "user": user,
    "call": anthropic_call,
    "result": anthropic_result,
}
RENDER: dict[str, Callable[[Json, str, bool], Json]] = {"o": openai, "a": anthropic}
SHAPES: dict[str, Callable[[], Json]] = {"small": small, "agent": agent}
