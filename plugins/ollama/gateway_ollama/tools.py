"""The tools on offer, as an Ollama server gets them, and what can be said about using them."""

from __future__ import annotations

from gateway.model import ChatRequest, Json, Tool, ToolChoice
from gateway_ollama.fields import form, put_back
from gateway_ollama.writing import Writing

NO_PARAMETERS: dict[str, Json] = {"type": "object", "properties": {}}


def write_tools(request: ChatRequest, body: dict[str, Json], writing: Writing) -> None:
    """Write `tools`. There is no `tool_choice`: what a choice leaves out is not offered."""
    if request.tools is None:
        return
    offered = _offered(request.tools, request.tool_choice, writing)
    written = [out for tool in offered if (out := _tool(tool, writing))]
    if written or not request.tools:
        body["tools"] = written


def _offered(tools: list[Tool], choice: ToolChoice | None, writing: Writing) -> list[Tool]:
    if choice is None:
        return tools
    losses = writing.losses
    if choice.parallel is False:
        losses.add("tool_choice.parallel", "Ollama can't be held to one call at a time")
    if choice.mode == "none":
        losses.add("tool_choice", "no tool was offered, for none may be used", "hint")
        return []
    if choice.mode in ("required", "tool"):
        losses.add("tool_choice", "Ollama can't be made to use a tool", "meaning")
    names = [choice.name] if choice.mode == "tool" else choice.allowed
    if names is None:
        return tools
    losses.add(
        "tool_choice", f"only these tools were offered: {', '.join(map(str, names))}", "hint"
    )
    return [tool for tool in tools if tool.name in names]


def _tool(tool: Tool, writing: Writing) -> dict[str, Json] | None:
    if tool.kind == "server":
        writing.losses.add("tools", f"only its own provider runs '{tool.name}'", "meaning")
        return None
    if tool.strict is not None:
        writing.losses.add("tools.strict", "Ollama has no such field", "hint")
    name = writing.lower(tool.name, tool.namespace)
    function: dict[str, Json] = {"name": name}
    if tool.description is not None:
        function["description"] = tool.description
    parameters = _parameters(tool, name, writing)
    if parameters is not None:
        function["parameters"] = parameters
    out: dict[str, Json] = {} if form(tool.extra, "untyped") else {"type": "function"}
    return put_back({**out, "function": function}, tool.extra)


def _parameters(tool: Tool, name: str, writing: Writing) -> Json:
    if tool.kind == "custom":
        return writing.attempt.registry.wrap_custom(name)
    if tool.schema is None and not form(tool.extra, "home"):
        return NO_PARAMETERS
    return tool.schema
