"""Judge a Gemini request: the official SDK's types, and what the API refuses beyond them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from tests.scripted.wire import Body

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}")
SCHEMA_WORDS = frozenset(
    [
        *("type", "properties", "items", "required", "enum", "anyOf", "title", "description"),
        *("format", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"),
        *("pattern", "nullable"),
    ]
)
"""What a schema from another dialect may hold (Gemini API reference, `Schema`, 2026-11)."""
STOPS_AT_MOST = 5


def errors_of(body: Body) -> list[str]:
    """What an upstream would refuse; `body` has the model and the verb's `stream` beside it."""
    return [*_types(body), *_turns(body), *_tools(body), *_config(body.get("generationConfig"))]


def schema_errors(schema: Any, path: str) -> Iterator[str]:
    """The words of a schema that are not on the list."""
    yield from (f"{path}.{key}: not allowed" for key in schema if key not in SCHEMA_WORDS)
    for name, inner in (schema.get("properties") or {}).items():
        if not NAME.fullmatch(name):
            yield f"{path}.properties: name {name!r}"
        yield from schema_errors(inner, f"{path}.properties.{name}")
    if "items" in schema:
        yield from schema_errors(schema["items"], f"{path}.items")
    for at, inner in enumerate(schema.get("anyOf") or []):
        yield from schema_errors(inner, f"{path}.anyOf[{at}]")
    missing = set(schema.get("required") or []) - set(schema.get("properties") or {})
    if missing:
        yield f"{path}.required: {sorted(missing)} are no properties"


def _types(body: Body) -> Iterator[str]:
    from google.genai import types  # a heavy import, for those who need it

    fields: dict[str, tuple[type[BaseModel], bool]] = {
        "contents": (types.Content, True),
        "tools": (types.Tool, True),
        "safetySettings": (types.SafetySetting, True),
        "systemInstruction": (types.Content, False),
        "toolConfig": (types.ToolConfig, False),
        "generationConfig": (types.GenerationConfig, False),
    }
    for key, value in body.items():
        if key in ("model", "stream", "cachedContent", "serviceTier"):
            continue
        if key not in fields:
            yield f".{key}: unknown"
            continue
        kind, many = fields[key]
        for at, one in enumerate(value if many else [value]):
            yield from _fits(kind, one, f".{key}[{at}]" if many else f".{key}")


def _fits(kind: type[BaseModel], value: Any, path: str) -> Iterator[str]:
    try:
        kind.model_validate(value)
    except ValidationError as error:
        for each in error.errors():
            place = ".".join(str(step) for step in each["loc"])
            yield f"{path}.{place}: {each['msg']}"


def _turns(body: Body) -> Iterator[str]:
    """Results right after their calls, as many as there were; no part is empty."""
    waiting: list[str] = []
    for at, turn in enumerate(body.get("contents") or []):
        parts = turn.get("parts") or []
        if not parts:
            yield f"contents[{at}]: no parts"
        results = [part["functionResponse"] for part in parts if "functionResponse" in part]
        if len(results) != len(waiting):
            yield f"contents[{at}]: {len(results)} results for {len(waiting)} calls"
        if [each.get("name") for each in results] != waiting[: len(results)]:
            yield f"contents[{at}]: results of other calls"
        calls = [part for part in parts if "functionCall" in part]
        waiting = [part["functionCall"].get("name") for part in calls]
        if calls and "thoughtSignature" not in calls[0]:
            yield f"contents[{at}]: the first call has no signature"
        yield from _parts(parts, f"contents[{at}]")


def _parts(parts: list[Body], path: str) -> Iterator[str]:
    for at, part in enumerate(parts):
        if part.get("text") == "" and "thoughtSignature" not in part:
            yield f"{path}.parts[{at}]: empty text"
        call = part.get("functionCall")
        if call and not NAME.fullmatch(call["name"]):
            yield f"{path}.parts[{at}]: name {call['name']!r}"
        try:
            base64.b64decode(part.get("thoughtSignature", ""), altchars=b"-_", validate=True)
        except binascii.Error:
            yield f"{path}.parts[{at}]: the signature is no base64"


def _tools(body: Body) -> Iterator[str]:
    names = [
        declared
        for tool in body.get("tools") or []
        for declared in tool.get("functionDeclarations") or []
    ]
    for declared in names:
        if not NAME.fullmatch(declared.get("name", "")):
            yield f"tools: name {declared.get('name')!r}"
        if "parameters" in declared and "parametersJsonSchema" in declared:
            yield f"tools: {declared['name']} has two schemas"
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    unknown = set(calling.get("allowedFunctionNames") or []) - {each["name"] for each in names}
    if unknown:
        yield f"toolConfig: {sorted(unknown)} are no tools"


def _config(config: Body | None) -> Iterator[str]:
    if config and len(config.get("stopSequences") or []) > STOPS_AT_MOST:
        yield "generationConfig.stopSequences: too many"
