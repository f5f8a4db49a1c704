"""Tools on offer and the choice among them, as a client says them.

A namespace holds tools of its own; each stands in the hub as a tool with that namespace.
"""

from __future__ import annotations

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, Tool, ToolChoice
from gateway.reading import entries, get, need, wrong
from gateway_openai.responses.fields import DIALECT, joined, unknown, with_notes

FUNCTION = frozenset({"type", "name", "description", "parameters", "strict"})
CUSTOM = frozenset({"type", "name", "description"})
NAMESPACE = frozenset({"type", "name", "tools"})
NAMED = frozenset({"type", "name"})
ALLOWED = frozenset({"type", "mode", "tools"})
MODES = ("auto", "none", "required")


def read_tools(tools: list[Json], path: Path = ("tools",)) -> list[Tool]:
    """The tools, in order. Raises BadRequest."""
    found: list[Tool] = []
    for at, item in entries(tools, path):
        if need(item, "type", str, at) == "namespace":
            found += _namespace(item, at)
        else:
            found.append(_tool(item, at))
    return found


def read_choice(body: dict[str, Json]) -> ToolChoice | None:
    """What the client says about using tools. Raises BadRequest."""
    parallel = get(body, "parallel_tool_calls", bool, ())
    said = get(body, "tool_choice", (str, dict), ())
    if said is None:
        return None if parallel is None else ToolChoice(parallel=parallel)
    choice = _word(said) if isinstance(said, str) else _choice(said, ("tool_choice",))
    choice.parallel = parallel
    return choice


def _tool(item: dict[str, Json], path: Path, namespace: str | None = None) -> Tool:
    kind = item["type"]
    if kind == "function":
        return Tool(
            need(item, "name", str, path),
            get(item, "description", str, path),
            get(item, "parameters", dict, path),
            namespace=namespace,
            strict=get(item, "strict", bool, path),
            extra=unknown(item, FUNCTION, path),
        )
    if kind == "custom":
        return Tool(
            need(item, "name", str, path),
            get(item, "description", str, path),
            kind="custom",
            namespace=namespace,
            extra=unknown(item, CUSTOM, path),
        )
    name = get(item, "name", str, path) or kind
    return Tool(name, kind="server", namespace=namespace, extra={DIALECT: Fields(item, path)})


def _namespace(item: dict[str, Json], path: Path) -> list[Tool]:
    """The tools of a namespace; the first keeps what is said of the namespace itself."""
    name, tools = need(item, "name", str, path), need(item, "tools", list, path)
    if not tools:
        return [Tool(name, kind="server", extra={DIALECT: Fields(item, path)})]
    found = []
    for at, inner in entries(tools, (*path, "tools")):
        need(inner, "type", str, at)
        found.append(_tool(inner, at, name))
    head = with_notes(unknown(item, NAMESPACE, path, under="namespace"), path, opens=True)
    found[0].extra = joined(found[0].extra, head)
    return found


def _word(said: str) -> ToolChoice:
    if said not in MODES:
        raise wrong(("tool_choice",), f"one of {', '.join(MODES)}, or an object")
    return ToolChoice(said)  # type: ignore[arg-type]


def _choice(said: dict[str, Json], path: Path) -> ToolChoice:
    kind = need(said, "type", str, path)
    if kind == "allowed_tools":
        return _allowed(said, path)
    if kind in ("function", "custom"):
        extra = unknown(said, NAMED, path)
        name = need(said, "name", str, path)
        other = None if kind == "function" else kind
        return ToolChoice("tool", name, extra=with_notes(extra, path, kind=other))
    extra = {DIALECT: Fields({"tool_choice": said}, ())}
    return ToolChoice("auto", extra=extra)


def _allowed(said: dict[str, Json], path: Path) -> ToolChoice:
    mode = need(said, "mode", str, path)
    if mode not in ("auto", "required"):
        raise wrong((*path, "mode"), "auto or required")
    tools = need(said, "tools", list, path)
    names = [_allowed_name(tool, at) for at, tool in entries(tools, (*path, "tools"))]
    extra: Extra = with_notes(unknown(said, ALLOWED, path), path, allowed=tools)
    return ToolChoice(mode, allowed=names, extra=extra or NO_EXTRA)  # type: ignore[arg-type]


def _allowed_name(tool: dict[str, Json], path: Path) -> str:
    kind = need(tool, "type", str, path)
    name = get(tool, "name", str, path)
    if name is None and kind in ("function", "custom"):
        place = show((*path, "name"))
        raise BadRequest(f"{place} is required (a string)", param=place)
    return name or kind
