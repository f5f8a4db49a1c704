"""The tools that a Gemini model is offered, and which of them it must call."""

from __future__ import annotations

import re

from gateway.attempt import Attempt
from gateway.model import Json, Path, Tool, ToolChoice, note, own
from gateway.schema import compile_schema
from gateway_gemini.inbound_tools import FUNCTIONS
from gateway_gemini.names import DIALECT, MODE_OF, MODE_TO
from gateway_gemini.schemas import TOOL_RULES, from_gemini, in_json_schema
from gateway_gemini.spelling import put_back

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
"""Function names: a letter or underscore first, at most 64 characters (API reference, 2026-11).
Dots and colons, which some models take, are left out."""


def wire_name(name: str, namespace: str | None, attempt: Attempt) -> str:
    """The name that the model sees; the client's own at home."""
    if attempt.client == DIALECT:
        return name
    return attempt.registry.lower_in(namespace, name, NAME)


def write_tools(tools: list[Tool] | None, attempt: Attempt) -> list[Json]:
    """The tools in their order, all functions in one entry."""
    functions, servers = [], []
    for index, tool in enumerate(tools or ()):
        path: Path = ("tools", index)
        if tool.cache_control is not None:
            attempt.losses.add((*path, "cache_control"), "Gemini caches by itself", "hint")
        if tool.kind != "server":
            functions.append(_function(tool, path, attempt))
        elif DIALECT in tool.extra:
            servers.append(dict(own(tool.extra, DIALECT)))
        else:
            attempt.losses.add(path, f"only its own provider runs '{tool.name}'", "meaning")
    return [*([{FUNCTIONS: functions}] if functions else []), *servers]


def write_choice(choice: ToolChoice | None, has_tools: bool, attempt: Attempt) -> Json:
    """`toolConfig`; None for none."""
    if choice is None:
        return None
    home = attempt.client == DIALECT
    if choice.parallel is not None:
        weight = "hint" if choice.parallel else "meaning"
        why = "Gemini may always call several tools at once"
        attempt.losses.add("tool_choice.parallel", why, weight)  # type: ignore[arg-type]
    if choice.mode is None and DIALECT not in choice.extra:
        return None
    if not has_tools and not home:
        attempt.losses.add("tool_choice", "there are no tools to choose from", "hint")
        return None
    calling: dict[str, Json] = {}
    names = [choice.name] if choice.name is not None else choice.allowed
    mode = _mode(choice)
    if names and mode == "AUTO" and not home:
        mode = "VALIDATED"
    if mode:
        calling["mode"] = mode
    if names:
        calling["allowedFunctionNames"] = [wire_name(name, None, attempt) for name in names]
    return {"functionCallingConfig": put_back(calling, choice.extra)}


def _mode(choice: ToolChoice) -> str | None:
    """The mode, in the client's own word where it still says the same."""
    mode = MODE_TO[choice.mode] if choice.mode else None
    said = note(choice.extra, DIALECT, "mode") or ""
    known = MODE_OF.get(said.upper())
    return said if known and MODE_TO[known] == mode else mode


def _function(tool: Tool, path: Path, attempt: Attempt) -> Json:
    name = wire_name(tool.name, tool.namespace, attempt)
    out: dict[str, Json] = {"name": name}
    if tool.description is not None:
        out["description"] = tool.description
    if tool.strict is not None:
        attempt.losses.add((*path, "strict"), "Gemini has no such field", "hint")
    if tool.kind == "custom":
        out["parametersJsonSchema"] = attempt.registry.wrap_custom(name)
        attempt.losses.add(path, "free-form input became one parameter, `input`", "hint")
    else:
        out.update(_parameters(tool, name, path, attempt))
    return put_back(out, tool.extra)


def _parameters(tool: Tool, name: str, path: Path, attempt: Attempt) -> dict[str, Json]:
    """The schema, as the client wrote it where it still says the same; none without parameters."""
    wire = note(tool.extra, DIALECT, "schema")
    if wire is not None:
        field, raw = wire
        read = from_gemini(raw) if field == "parameters" else in_json_schema(raw)
        if read == tool.schema:
            return {field: raw} if raw is not None else {}
    if tool.schema is None:
        return {}
    if attempt.client == DIALECT:
        return {"parametersJsonSchema": tool.schema}
    compiled = compile_schema(tool.schema, TOOL_RULES, attempt.losses, (*path, "schema"))
    attempt.registry.renamed(name, compiled.renames)
    if compiled.schema.get("type") == "object" and not compiled.schema.get("properties"):
        return {}
    return {"parametersJsonSchema": compiled.schema}
