"""Tools and the choice among them, written for an upstream."""

from __future__ import annotations

from gateway.model import Json, Tool, ToolChoice, own
from gateway_openai.chat.writing import Writing
from gateway_openai.responses.fields import DIALECT, form, put_back
from gateway_openai.responses.outbound_parts import Wire, lose_marker, wire_name

NO_PARAMETERS: Wire = {"type": "object", "properties": {}}


def write_tools(tools: list[Tool], writing: Writing) -> list[Wire]:
    """The tools; neighbours of one namespace stand in it together.

    Those that an item of the conversation put on offer stand there, and not here.
    """
    out: list[Wire] = []
    for tool in tools:
        if form(tool.extra, "item"):
            continue
        written = _write_tool(tool, writing)
        if written is None:
            continue
        if tool.namespace is None:
            out.append(written)
        else:
            _space_of(tool, out)["tools"].append(written)
    return out


def write_choice(choice: ToolChoice, writing: Writing) -> Json:
    """The `tool_choice`; None when nothing but `parallel` was said."""
    raw = own(choice.extra, DIALECT).get("tool_choice")
    if raw is not None:
        return raw
    if choice.mode == "tool" and choice.name is not None:
        kind = form(choice.extra, "kind") or "function"
        name = wire_name(choice.name, writing)
        return put_back({"type": kind, "name": name}, choice.extra)
    if choice.allowed is not None:
        tools = form(choice.extra, "allowed") or [_function(n, writing) for n in choice.allowed]
        mode = choice.mode or "auto"
        return put_back({"type": "allowed_tools", "mode": mode, "tools": tools}, choice.extra)
    return choice.mode


def _function(name: str, writing: Writing) -> Wire:
    return {"type": "function", "name": wire_name(name, writing)}


def _space_of(tool: Tool, out: list[Wire]) -> Wire:
    """The namespace that `tool` goes into: the last one written, or a new one.

    It must be described (openai 3.54); its own description went with the tool that opened it.
    """
    last = out[-1] if out else {}
    same = last.get("type") == "namespace" and last.get("name") == tool.namespace
    if same and not form(tool.extra, "opens"):
        return last
    space: Wire = {"type": "namespace", "name": tool.namespace, "tools": []}
    out.append(put_back(space, tool.extra, "namespace"))
    if not form(tool.extra, "opens"):
        space.setdefault("description", tool.namespace)
    return space


def _write_tool(tool: Tool, writing: Writing) -> Wire | None:
    lose_marker(tool.cache_control, writing)
    if tool.kind == "server":
        raw = own(tool.extra, DIALECT)
        if not raw:
            writing.losses.add("tools", f"server tool {tool.name} is not known here")
        return dict(raw) or None
    out: Wire = {"type": tool.kind, "name": wire_name(tool.name, writing)}
    if tool.description is not None:
        out["description"] = tool.description
    if tool.kind == "function":
        _write_function(tool, out, writing)
    return put_back(out, tool.extra)


def _write_function(tool: Tool, out: Wire, writing: Writing) -> None:
    """OpenAI takes a missing `strict` for true here (unlike in chat), so others say false."""
    if tool.schema is not None:
        out["parameters"] = tool.schema
    elif not writing.home:
        out["parameters"] = NO_PARAMETERS
    if tool.strict is not None:
        out["strict"] = tool.strict
    elif not writing.home:
        out["strict"] = False
