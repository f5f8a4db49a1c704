"""Tools and the choice among them, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from gateway.attempt import Attempt
from gateway.model import Fields, Json, Path, Tool, ToolChoice, note, own
from gateway.reading import entries, get, need, noted, rest
from gateway_claude.arguments import CUSTOM
from gateway_claude.cache import read_cache, stamped
from gateway_claude.names import NAME
from gateway_claude.tool_names import lower

FUNCTION = frozenset(
    ["type", "name", "description", "input_schema", "strict", "cache_control"],
)
BARE = frozenset(["name", "description", "input_schema"])
CHOICE = frozenset(["type", "name", "disable_parallel_tool_use"])
MODES: Mapping[str, Literal["auto", "required", "tool", "none"]] = MappingProxyType(
    {"auto": "auto", "any": "required", "tool": "tool", "none": "none"}
)
CHOICE_TYPES = {mode: type_ for type_, mode in MODES.items()}
NO_ARGUMENTS: Mapping[str, Json] = MappingProxyType({"type": "object"})
CUSTOM_SCHEMA: Mapping[str, Json] = MappingProxyType(
    {
        "type": "object",
        "properties": {CUSTOM: {"type": "string", "description": "The tool's raw input."}},
        "required": [CUSTOM],
    }
)


def read_tools(tools: list[Json] | None) -> list[Tool] | None:
    """The `tools` of a request, in order; None when the client sent no list."""
    if tools is None:
        return None
    return [_read_tool(tool, path) for path, tool in entries(tools, ("tools",))]


def read_choice(choice: dict[str, Json]) -> ToolChoice | None:
    """A `tool_choice`; None for a type that only Claude knows."""
    path: Path = ("tool_choice",)
    mode = MODES.get(need(choice, "type", str, path))
    if mode is None:
        return None
    alone = get(choice, "disable_parallel_tool_use", bool, path)
    return ToolChoice(
        mode,
        name=need(choice, "name", str, path) if mode == "tool" else None,
        parallel=None if alone is None else not alone,
        extra=rest(choice, CHOICE, NAME, path),
    )


def write_tool(tool: Tool, attempt: Attempt) -> dict[str, Json] | None:
    """One tool, or None for a server tool of another dialect, which is a recorded loss."""
    if tool.kind == "server":
        if NAME in tool.extra:
            return dict(own(tool.extra, NAME))
        attempt.losses.add(f"tools.{tool.name}", "only its own provider can run it", "meaning")
        return None
    out: dict[str, Json] = {"name": lower(tool.name, tool.namespace, tool.kind, attempt.registry)}
    if tool.extra and (type_ := note(tool.extra, NAME, "type")) is not None:
        out["type"] = type_
    if tool.description is not None:
        out["description"] = tool.description
    out["input_schema"] = _schema(tool, attempt)
    if tool.strict is not None:
        out["strict"] = tool.strict
    if tool.extra:
        out.update(own(tool.extra, NAME))
    return stamped(out, tool.cache_control)


def write_choice(
    choice: ToolChoice, tools: list[Tool] | None, attempt: Attempt
) -> dict[str, Json] | None:
    """The `tool_choice`; None when there is nothing to say."""
    mode, name = choice.mode, choice.name
    if mode == "required" and choice.allowed is not None and len(choice.allowed) == 1:
        mode, name = "tool", choice.allowed[0]
    if mode is None and choice.parallel is None:
        return None
    out: dict[str, Json] = {"type": CHOICE_TYPES[mode or "auto"]}
    if mode == "tool" and name is not None:
        tool = next((tool for tool in tools or () if tool.name == name), Tool(name))
        out["name"] = lower(name, tool.namespace, tool.kind, attempt.registry)
    if choice.parallel is not None and mode != "none":
        out["disable_parallel_tool_use"] = not choice.parallel
    return {**out, **own(choice.extra, NAME)}


def offered(tools: list[Tool], choice: ToolChoice | None) -> list[Tool]:
    """The tools that the choice leaves; Claude has no field for a limited list."""
    if choice is None or choice.allowed is None:
        return tools
    return [tool for tool in tools if tool.name in choice.allowed]


def _read_tool(tool: dict[str, Json], path: Path) -> Tool:
    if tool.keys() == BARE:  # most tools: nothing else has to be looked for
        return Tool(
            need(tool, "name", str, path),
            get(tool, "description", str, path),
            get(tool, "input_schema", dict, path),
        )
    type_ = get(tool, "type", str, path)
    if type_ not in (None, "custom"):
        name = get(tool, "name", str, path) or type_
        return Tool(name, kind="server", extra={NAME: Fields(tool, path)})
    extra = rest(tool, FUNCTION, NAME, path)
    return Tool(
        need(tool, "name", str, path),
        get(tool, "description", str, path),
        get(tool, "input_schema", dict, path),
        strict=get(tool, "strict", bool, path),
        cache_control=read_cache(tool, path),
        extra=extra if type_ is None else noted(extra, NAME, path, type=type_),
    )


def _schema(tool: Tool, attempt: Attempt) -> Mapping[str, Json]:
    if tool.kind == "custom":
        return dict(CUSTOM_SCHEMA)
    schema = tool.schema
    if schema is None:
        return dict(NO_ARGUMENTS)
    if attempt.client == NAME or "type" in schema:
        return schema  # type: ignore[no-any-return]
    return {**NO_ARGUMENTS, **schema}
