"""Arguments of the shape that a tool's schema asks for."""

from __future__ import annotations

import orjson

from gateway.model import Json, Tool

PLAIN: dict[str, Json] = {
    "string": "echo",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "null": None,
}


def sample_arguments(tool: Tool) -> str:
    """JSON text that fits `tool.schema`; plain words for a free-form tool."""
    if tool.kind != "function":
        return "echo"
    return orjson.dumps(sample(tool.schema or {"type": "object"})).decode()


def sample(schema: Json) -> Json:
    """A small value of the shape of `schema`, which is JSON Schema, its required fields alone.

    Reads type, enum, const, default, properties, required, items, minItems, anyOf, oneOf and
    minimum; what else a schema may demand (patterns, references) is not looked at.
    """
    if not isinstance(schema, dict):
        return "echo"
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    for name in ("anyOf", "oneOf"):
        if schema.get(name):
            return sample(schema[name][0])
    return _of_kind(schema)


def _of_kind(schema: dict[str, Json]) -> Json:
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        fields = schema.get("properties", {})
        return {name: sample(fields.get(name, {})) for name in schema.get("required", ())}
    if kind == "array":
        return [sample(schema.get("items", {}))] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return schema.get("minimum", PLAIN[kind])
    return PLAIN.get(kind, "echo")
