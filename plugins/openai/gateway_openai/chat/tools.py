"""Tools and the choice among them, both ways (OpenAI API reference, chat, read 2026-11)."""

from __future__ import annotations

from typing import Literal

from attrs import evolve

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import NO_EXTRA, ChatRequest, Extra, Fields, Json, Path, Tool, ToolChoice, own
from gateway.reading import entries, get, need, wrong
from gateway_openai.chat.fields import DIALECT, form, put_back, unknown, with_notes
from gateway_openai.chat.parts import read_cache, write_cache
from gateway_openai.chat.writing import Writing

COMMON = frozenset({"type", "function"})
OUTER = frozenset({"type", "function", "custom", "cache_control"})
FUNCTION = frozenset({"name", "description", "parameters", "strict"})
CUSTOM = frozenset({"name", "description"})
CHOICE = frozenset({"type", "function", "custom", "allowed_tools"})
NAMED = frozenset({"name"})
ALLOWED = frozenset({"mode", "tools"})
MODES = ("auto", "none", "required")


def read_tools(body: dict[str, Json]) -> list[Tool] | None:
    """The tools on offer; None when the client sent no list. Raises BadRequest."""
    tools = get(body, "tools", list, ())
    if tools is None:
        return None
    return [_read_tool(item, path) for path, item in entries(tools, ("tools",))]


def read_choice(body: dict[str, Json]) -> ToolChoice | None:
    """What the client says about using tools. Raises BadRequest."""
    parallel = get(body, "parallel_tool_calls", bool, ())
    choice = get(body, "tool_choice", (str, dict), ())
    if choice is None:
        return None if parallel is None else ToolChoice(parallel=parallel)
    return evolve(_read_choice(choice, ("tool_choice",)), parallel=parallel)


def write_tools(request: ChatRequest, body: dict[str, Json], writing: Writing) -> None:
    """Write `tools` and what goes with them; without tools nothing of it may stand."""
    tools = _offered(request, writing)
    written = [out for tool in tools if (out := _write_tool(tool, writing))]
    choice = request.tool_choice
    if not written:
        if choice is not None and choice.mode not in (None, "auto", "none"):
            writing.losses.add("tool_choice", "there is no tool to choose")
        return
    body["tools"] = written
    if choice is None:
        return
    if choice.mode is not None:
        body["tool_choice"] = put_back_choice(_write_choice(choice, writing), choice.extra)
    if choice.parallel is not None:
        body["parallel_tool_calls"] = choice.parallel


def put_back_choice(written: Json, extra: Extra) -> Json:
    """A choice in object form with this dialect's own fields; a word stays a word."""
    return put_back(written, extra) if isinstance(written, dict) else written


def wire_name(tool: str, namespace: str | None, writing: Writing) -> str:
    """The name that the target sees for a tool."""
    return writing.attempt.registry.lower_in(namespace, tool)


def wire_kind(kind: str, writing: Writing) -> str:
    """The kind of tool that the target sees."""
    return "function" if kind == "custom" and not writing.takes_custom else kind


def _read_tool(item: dict[str, Json], path: Path) -> Tool:
    kind = item.get("type", "function")
    if kind == "function":
        function = need(item, "function", dict, path)
        at = (*path, "function")
        common = _common_function(function) if item.keys() <= COMMON else None
        return common or Tool(
            need(function, "name", str, at),
            description=get(function, "description", str, at),
            schema=get(function, "parameters", dict, at),
            strict=get(function, "strict", bool, at),
            cache_control=read_cache(item, path),
            extra=unknown(item, OUTER, path, {"function": FUNCTION}),
        )
    if kind == "custom":
        custom = need(item, "custom", dict, path)
        at = (*path, "custom")
        return Tool(
            need(custom, "name", str, at),
            description=get(custom, "description", str, at),
            kind="custom",
            cache_control=read_cache(item, path),
            extra=unknown(item, OUTER, path, {"custom": CUSTOM}),
        )
    name = need(item, "type", str, path)
    return Tool(name, kind="server", extra={DIALECT: Fields(item, path)})


def _common_function(function: dict[str, Json]) -> Tool | None:
    """A function in the form that nearly all have; None for any other."""
    if not function.keys() <= FUNCTION:
        return None
    name, description = function.get("name"), function.get("description")
    schema, strict = function.get("parameters"), function.get("strict")
    if type(name) is not str or type(description) is not str or type(schema) is not dict:
        return None
    if strict is not None and type(strict) is not bool:
        return None
    return Tool(name, description, schema, strict=strict)


def _write_tool(tool: Tool, writing: Writing) -> dict[str, Json] | None:
    if tool.kind == "server":
        raw = own(tool.extra, DIALECT)
        if not raw:
            writing.losses.add("tools", f"server tool {tool.name} is not known here")
        return dict(raw) or None
    within: dict[str, Json] = {"name": wire_name(tool.name, tool.namespace, writing)}
    if tool.description is not None:
        within["description"] = tool.description
    if tool.kind == "custom" and not writing.takes_custom:
        return _wrapped(tool, within, writing)
    if tool.kind == "function" and tool.schema is not None:
        within["parameters"] = tool.schema
    if tool.kind == "function" and tool.strict is not None:
        within["strict"] = tool.strict
    out = put_back({"type": tool.kind, tool.kind: within}, tool.extra)
    write_cache(out, tool.cache_control, writing)
    return out


def _wrapped(tool: Tool, within: dict[str, Json], writing: Writing) -> dict[str, Json]:
    """A free-form tool as a function of one string, with its grammar told in words."""
    within["parameters"] = writing.attempt.registry.wrap_custom(within["name"])
    grammar = _grammar(tool)
    if grammar:
        writing.losses.add(f"tools.{tool.name}", "its grammar is told in words only", "meaning")
        told = f"The input must fit this grammar:\n{grammar}"
        within["description"] = f"{tool.description}\n\n{told}" if tool.description else told
    out: dict[str, Json] = {"type": "function", "function": within}
    write_cache(out, tool.cache_control, writing)
    return out


def _grammar(tool: Tool) -> str | None:
    """The grammar of a free-form tool, as either of OpenAI's dialects says it; None for none."""
    for fields in tool.extra.values():
        said = fields.get("custom.format") or fields.get("format")
        within = said.get("grammar", said) if isinstance(said, dict) else {}
        definition = within.get("definition") if isinstance(within, dict) else None
        if isinstance(definition, str):
            return definition
    return None


def _read_choice(choice: Json, path: Path) -> ToolChoice:
    if isinstance(choice, str):
        if choice not in MODES:
            raise wrong(path, f"one of {', '.join(MODES)}, or an object")
        return ToolChoice(choice)  # type: ignore[arg-type]
    kind = need(choice, "type", str, path)
    if kind == "allowed_tools":
        return _read_allowed(choice, path)
    if kind in MODES:
        return ToolChoice(kind, extra=with_notes(NO_EXTRA, path, object=True))  # type: ignore[arg-type]
    if kind not in ("function", "custom"):
        place = show((*path, "type"))
        raise BadRequest(f"{place} must be function, custom or allowed_tools", param=place)
    name = need(need(choice, kind, dict, path), "name", str, (*path, kind))
    extra = unknown(choice, CHOICE, path, {kind: NAMED})
    return ToolChoice("tool", name, extra=_kind_note(extra, path, kind))


def _kind_note(extra: Extra, path: Path, kind: str) -> Extra:
    return with_notes(extra, path, kind=None if kind == "function" else kind)


def _read_allowed(choice: dict[str, Json], path: Path) -> ToolChoice:
    allowed = need(choice, "allowed_tools", dict, path)
    at = (*path, "allowed_tools")
    mode = need(allowed, "mode", str, at)
    if mode not in ("auto", "required"):
        raise wrong((*at, "mode"), "auto or required")
    tools = need(allowed, "tools", list, at)
    names = [_allowed_name(tool, place) for place, tool in entries(tools, (*at, "tools"))]
    extra = unknown(choice, CHOICE, path, {"allowed_tools": ALLOWED})
    kinds = [tool.get("type", "function") for tool in tools]
    return ToolChoice(mode, allowed=names, extra=with_notes(extra, path, kinds=kinds))  # type: ignore[arg-type]


def _allowed_name(tool: dict[str, Json], path: Path) -> str:
    kind = need(tool, "type", str, path)
    within = get(tool, kind, dict, path)
    return need(within, "name", str, (*path, kind)) if within else kind


def _offered(request: ChatRequest, writing: Writing) -> list[Tool]:
    """The tools to send: the allowed ones only, where the target can't be told which are."""
    tools, choice = request.tools or [], request.tool_choice
    if choice is None or choice.allowed is None or _takes_allowed(choice, writing):
        return tools
    return [tool for tool in tools if tool.name in choice.allowed]


def _takes_allowed(choice: ToolChoice, writing: Writing) -> bool:
    return writing.quirks.allowed_tools or form(choice.extra, "kinds") is not None


def _write_choice(choice: ToolChoice, writing: Writing) -> Json:
    mode = _mode(choice, writing)
    if mode == "tool" and choice.name is not None:
        return _named(form(choice.extra, "kind"), choice.name, writing)
    if choice.allowed is not None and _takes_allowed(choice, writing):
        kinds = form(choice.extra, "kinds") or []
        kinds = kinds if len(kinds) == len(choice.allowed) else [None] * len(choice.allowed)
        tools = [_named(k, n, writing) for k, n in zip(kinds, choice.allowed, strict=True)]
        return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}
    return {"type": mode} if form(choice.extra, "object") else mode


def _mode(choice: ToolChoice, writing: Writing) -> Literal["auto", "none", "required", "tool"]:
    mode = choice.mode or "auto"
    if mode == "required" and not writing.quirks.required_choice:
        writing.losses.add("tool_choice", f"{writing.attempt.target} can't be made to call a tool")
        return "auto"
    return mode


def _named(said: str | None, name: str, writing: Writing) -> dict[str, Json]:
    """A tool by its name. said: the kind that the client gave with it, or None."""
    if said not in (None, "function", "custom"):
        return {"type": said}
    tool = next((tool for tool in writing.tools if tool.name == name), Tool(name))
    kind = wire_kind(said or tool.kind, writing)
    return {"type": kind, kind: {"name": wire_name(name, tool.namespace, writing)}}
