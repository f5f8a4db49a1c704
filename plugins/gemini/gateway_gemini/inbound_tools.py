"""The tools that a client offers, and which of them the model must call."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, Tool, ToolChoice
from gateway.reading import entries, get, need, noted, wrong
from gateway_gemini.names import DIALECT, MODE_OF, ChoiceMode
from gateway_gemini.schemas import from_gemini, in_json_schema
from gateway_gemini.spelling import camel, rest, together

DECLARATION = frozenset({"name", "description", "parameters", "parametersJsonSchema"})
CALLING = frozenset({"mode", "allowedFunctionNames"})
FUNCTIONS = "functionDeclarations"


def read_tools(raw: list[Json] | None) -> list[Tool] | None:
    """The tools in their order; None when the client sent no list. Raises BadRequest."""
    if raw is None:
        return None
    tools: list[Tool] = []
    for path, entry in entries(raw, ("tools",)):
        declared = get(camel(entry), FUNCTIONS, list, path)
        for at, one in entries(declared or (), (*path, FUNCTIONS)):
            tools.append(_function(one, at))
        tools += _servers(entry, path)
    return tools


def read_choice(raw: dict[str, Json] | None) -> tuple[ToolChoice | None, Extra]:
    """The choice, and what else `toolConfig` holds. Raises BadRequest."""
    if raw is None:
        return None, NO_EXTRA
    beside = rest(raw, frozenset({"functionCallingConfig"}), (), "toolConfig")
    path: Path = ("toolConfig", "functionCallingConfig")
    calling_raw = get(camel(raw), "functionCallingConfig", dict, path[:1])
    if calling_raw is None:
        return None, beside
    calling = camel(calling_raw)
    said = get(calling, "mode", str, path)
    allowed = get(calling, "allowedFunctionNames", list, path)
    mode = MODE_OF.get(said.upper()) if said else None
    extra = rest(calling_raw, CALLING, path)
    if said and mode is None:
        extra = together(path, extra, {DIALECT: Fields({"mode": said}, path)})
    extra = noted(extra, DIALECT, path, mode=said)
    return _choice(mode, _names(allowed, path), extra), beside


def _choice(mode: ChoiceMode | None, names: list[str] | None, extra: Extra) -> ToolChoice:
    if mode == "required" and names is not None and len(names) == 1:
        return ToolChoice("tool", name=names[0], extra=extra)
    return ToolChoice(mode, allowed=names, extra=extra)


def _names(allowed: list[Json] | None, path: Path) -> list[str] | None:
    for at, name in enumerate(allowed or ()):
        if not isinstance(name, str):
            raise wrong((*path, "allowedFunctionNames", at), "a string", name)
    return allowed or None


def _servers(entry: dict[str, Json], path: Path) -> list[Tool]:
    """The tools that Google itself runs: `{"googleSearch": {}}`."""
    fields: Mapping[str, Json] = rest(entry, frozenset({FUNCTIONS}), path).get(DIALECT, {})
    return [
        Tool(key, kind="server", extra={DIALECT: Fields({key: value}, path)})
        for key, value in fields.items()
    ]


def _function(raw: dict[str, Json], path: Path) -> Tool:
    declared = camel(raw)
    plain = get(declared, "parametersJsonSchema", dict, path)
    own = get(declared, "parameters", dict, path)
    if own is not None and plain is not None:
        raise wrong((*path, "parameters"), "left out beside parametersJsonSchema")
    schema = in_json_schema(plain) if plain is not None else from_gemini(own)
    extra = rest(raw, DECLARATION, path)
    if schema is not plain:
        wire = ["parameters", own] if plain is None else ["parametersJsonSchema", plain]
        extra = noted(extra, DIALECT, path, schema=wire)
    return Tool(
        name=need(declared, "name", str, path),
        description=get(declared, "description", str, path),
        schema=schema,
        extra=extra,
    )
