"""One replacement, applied to the texts of its scope. What doesn't change stays the same object."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve

from gateway.model import ChatRequest, Message, Part, Role, Text, Tool
from gateway_prompt_rewrite.settings import Replacement, Scope


def replaced(request: ChatRequest, rule: Replacement) -> ChatRequest:
    """The request with all texts of the rule's scope replaced in."""
    return SCOPES[rule.scope](request, rule)


def _in_system(request: ChatRequest, rule: Replacement) -> ChatRequest:
    """The leading system text, and system messages inside the conversation."""
    request = _in_messages(request, "system", rule)
    system = [_in_text(text, rule) for text in request.system]
    return request if system == request.system else evolve(request, system=system)


def _in_user(request: ChatRequest, rule: Replacement) -> ChatRequest:
    """What the user wrote, in every turn, so that a conversation's beginning stays the same."""
    return _in_messages(request, "user", rule)


def _in_tools(request: ChatRequest, rule: Replacement) -> ChatRequest:
    tools = [_in_tool(tool, rule) for tool in request.tools or ()]
    return request if tools == (request.tools or []) else evolve(request, tools=tools)


SCOPES: Mapping[Scope, Callable[[ChatRequest, Replacement], ChatRequest]] = {
    "system": _in_system,
    "user": _in_user,
    "tools": _in_tools,
}


def _in_messages(request: ChatRequest, role: Role, rule: Replacement) -> ChatRequest:
    messages = [
        _in_message(message, rule) if message.role == role else message
        for message in request.messages
    ]
    return request if messages == request.messages else evolve(request, messages=messages)


def _in_message(message: Message, rule: Replacement) -> Message:
    parts = [_in_part(part, rule) for part in message.parts]
    if parts == message.parts:
        return message
    kept = [part for part in parts if not isinstance(part, Text) or part.text]
    return evolve(message, parts=kept or parts[:1])


def _in_part(part: Part, rule: Replacement) -> Part:
    return _in_text(part, rule) if isinstance(part, Text) else part


def _in_text(text: Text, rule: Replacement) -> Text:
    words = rule.in_text(text.text)
    return text if words == text.text else evolve(text, text=words)


def _in_tool(tool: Tool, rule: Replacement) -> Tool:
    if tool.description is None:
        return tool
    words = rule.in_text(tool.description)
    return tool if words == tool.description else evolve(tool, description=words)
