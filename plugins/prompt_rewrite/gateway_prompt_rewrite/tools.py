"""Tools that a group keeps back, and what then becomes of the choice among them."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from gateway.model import ChatRequest, Tool, ToolChoice
from gateway_prompt_rewrite.settings import Pattern


def without(request: ChatRequest, denied: Sequence[Pattern]) -> ChatRequest:
    """The request without the denied tools. Calls in its history stay: they have happened."""
    offered = request.tools or []
    kept = [tool for tool in offered if not any(one.matches(*_names(tool)) for one in denied)]
    if len(kept) == len(offered):
        return request
    choice = _choice(request.tool_choice, kept) if kept else None
    return evolve(request, tools=kept or None, tool_choice=choice)


def _names(tool: Tool) -> tuple[str, ...]:
    return (tool.name, f"{tool.namespace}__{tool.name}") if tool.namespace else (tool.name,)


def _choice(choice: ToolChoice | None, kept: list[Tool]) -> ToolChoice | None:
    """What is forced and gone forces nothing; where only denied tools were allowed, none is."""
    if choice is None:
        return None
    names = {tool.name for tool in kept}
    if choice.mode == "tool" and choice.name not in names:
        return evolve(choice, mode="auto", name=None)
    if choice.allowed is None:
        return choice
    allowed = [name for name in choice.allowed if name in names]
    if not allowed:
        return evolve(choice, mode="auto" if choice.mode == "required" else "none", allowed=None)
    return evolve(choice, allowed=allowed)
