"""One question in the words of four dialects, and what a provider of each is told by a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from tests.scripted.record import Seen

Body = dict[str, Any]
SCHEMA = {"type": "object", "properties": {}}


@frozen
class Question:
    """What a client asks. tools: names. forced: the tool that must be called, or "" for any."""

    system: str | None = None
    tools: Sequence[str] = ()
    forced: str | None = None
    temperature: float | None = None
    stream: bool = False


@define
class Told:
    """What reached a provider. system, last: texts by pieces; joined ones by paragraphs.

    tools: descriptions by name. choice: in one word; None when nothing is said of it.
    """

    system: list[str]
    last: list[str]
    tools: dict[str, str] = field(factory=dict)
    choice: str | None = None
    temperature: float | None = None


def _claude(model: str, question: Question) -> tuple[str, Body]:
    body: Body = {"model": model, "max_tokens": 64, "messages": [_turn("user", "Hello")]}
    if question.system is not None:
        body["system"] = question.system
    if question.tools:
        body["tools"] = [{**one, "input_schema": SCHEMA} for one in _described(question.tools)]
    if question.forced is not None:
        named = {"type": "tool", "name": question.forced}
        body["tool_choice"] = named if question.forced else {"type": "any"}
    return "/v1/messages", _common(body, question)


def _openai(model: str, question: Question) -> tuple[str, Body]:
    body: Body = {"model": model, "messages": _turns(question)}
    if question.tools:
        body["tools"] = _functions(question.tools)
    if question.forced is not None:
        named = {"type": "function", "function": {"name": question.forced}}
        body["tool_choice"] = named if question.forced else "required"
    return "/v1/chat/completions", _common(body, question)


def _gemini(model: str, question: Question) -> tuple[str, Body]:
    body: Body = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    if question.system is not None:
        body["systemInstruction"] = {"parts": [{"text": question.system}]}
    if question.tools:
        declared = [{**one, "parameters": SCHEMA} for one in _described(question.tools)]
        body["tools"] = [{"functionDeclarations": declared}]
    if question.forced is not None:
        names = {"allowedFunctionNames": [question.forced]} if question.forced else {}
        body["toolConfig"] = {"functionCallingConfig": {"mode": "ANY", **names}}
    if question.temperature is not None:
        body["generationConfig"] = {"temperature": question.temperature}
    verb = "streamGenerateContent?alt=sse" if question.stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}", body


def _ollama(model: str, question: Question) -> tuple[str, Body]:
    body: Body = {"model": model, "messages": _turns(question), "stream": question.stream}
    if question.tools:
        body["tools"] = _functions(question.tools)
    if question.temperature is not None:
        body["options"] = {"temperature": question.temperature}
    return "/api/chat", body


ASK: Mapping[str, Callable[[str, Question], tuple[str, Body]]] = {
    "openai": _openai,
    "claude": _claude,
    "gemini": _gemini,
    "ollama": _ollama,
}
"""The path and the body of a question to a model, by the client's dialect."""
CHOOSING = ("openai", "claude", "gemini")
"""Dialects whose clients can force a tool."""


def told(seen: Seen) -> Told:
    """What a provider is told by a request of its own dialect."""
    body: Body = seen.body
    if seen.wire == "gemini":
        return _told_gemini(body)
    head, *_ = messages = body["messages"]
    has_system = head["role"] == "system"
    system = head["content"] if has_system else body.get("system", [])
    tools = [tool.get("function", tool) for tool in body.get("tools", [])]
    choice = body.get("tool_choice")
    return Told(
        _pieces(system),
        _pieces(messages[-1]["content"]),
        {tool["name"]: tool["description"] for tool in tools},
        choice["type"] if isinstance(choice, dict) else choice,
        body.get("temperature", body.get("options", {}).get("temperature")),
    )


def _told_gemini(body: Body) -> Told:
    parts = body.get("systemInstruction", {}).get("parts", [])
    declared = [one for tool in body.get("tools", []) for one in tool["functionDeclarations"]]
    mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode")
    return Told(
        _pieces(parts),
        _pieces(body["contents"][-1]["parts"]),
        {one["name"]: one["description"] for one in declared},
        mode.lower() if mode else None,
        body.get("generationConfig", {}).get("temperature"),
    )


def _pieces(content: str | list[Body]) -> list[str]:
    if isinstance(content, list):
        content = "\n\n".join(part["text"] for part in content if "text" in part)
    return content.split("\n\n") if content else []


def _common(body: Body, question: Question) -> Body:
    if question.temperature is not None:
        body["temperature"] = question.temperature
    return {**body, "stream": True} if question.stream else body


def _turns(question: Question) -> list[Body]:
    system = [] if question.system is None else [_turn("system", question.system)]
    return [*system, _turn("user", "Hello")]


def _turn(role: str, content: str) -> Body:
    return {"role": role, "content": content}


def _described(names: Sequence[str]) -> list[Body]:
    return [{"name": name, "description": f"Reads {name}."} for name in names]


def _functions(names: Sequence[str]) -> list[Body]:
    return [
        {"type": "function", "function": {**one, "parameters": SCHEMA}} for one in _described(names)
    ]
