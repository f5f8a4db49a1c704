"""Schemas between JSON Schema and Gemini's own `Schema`.

Gemini reads two forms: `parameters` (its `Schema` message: upper-case types, `nullable`) and
`parametersJsonSchema` (JSON Schema, of which it takes the keywords below). Source: Gemini API
reference, `FunctionDeclaration`, `Schema` and structured output, read 2026-11.
"""

from __future__ import annotations

import re

import orjson
from attrs import evolve

from gateway.model import Json
from gateway.schema import SchemaRules

KEYWORDS = frozenset(
    [
        *("title", "description", "format", "minimum", "maximum"),
        *("minItems", "maxItems", "minLength", "maxLength", "pattern"),
    ]
)
FORMATS = frozenset({"date-time", "date", "time", "enum", "float", "double", "int32", "int64"})
ANSWER_RULES = SchemaRules(
    KEYWORDS,
    formats=FORMATS,
    enums=(str, int, float),
    any_of=True,
    nullable="type",
    bound=2**31 - 1,
)
"""For the schema of an answer: its names are the client's, and nobody raises them back."""
TOOL_RULES = evolve(ANSWER_RULES, names=re.compile(r"[a-zA-Z_][a-zA-Z0-9_.\-]{0,63}"))
"""A parameter that starts with a hyphen (`-A`) makes Gemini answer MALFORMED_FUNCTION_CALL."""

LISTS = ("anyOf", "any_of", "oneOf", "allOf", "prefixItems", "prefix_items")
NESTED = ("items", "additionalProperties", "additional_properties", "not")
TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
INTEGERS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})
WORDS = {
    "any_of": "anyOf",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "prefix_items": "prefixItems",
    "additional_properties": "additionalProperties",
    "property_ordering": "propertyOrdering",
}
"""Gemini's snake_case; names of properties are below `properties` and stay."""
UPPER_CASE = re.compile(rb'"type":"(?:%s)"' % "|".join(sorted(TYPES)).encode())


def in_json_schema(schema: Json) -> Json:
    """A schema that should be JSON Schema; Gemini CLI's router writes its types in upper case."""
    if schema is not None and UPPER_CASE.search(orjson.dumps(schema)):
        return from_gemini(schema)
    return schema


def from_gemini(schema: Json) -> Json:
    """Gemini's `Schema` as JSON Schema: lower-case types, null in the type, numbers as numbers.

    `propertyOrdering` is obeyed: the properties stand in that order.
    """
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Json] = {}
    for key, value in schema.items():
        out[str(WORDS.get(key, key))] = _value(key, value)
    kind = out.get("type")
    if isinstance(kind, str) and kind.upper() in TYPES:
        out["type"] = kind.lower()
    if out.pop("nullable", False) is True:
        _take_null(out)
    ordering = out.pop("propertyOrdering", None)
    if isinstance(ordering, list) and isinstance(out.get("properties"), dict):
        out["properties"] = _ordered(out["properties"], ordering)
    return out


def _take_null(out: dict[str, Json]) -> None:
    if isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    elif isinstance(out.get("anyOf"), list):
        out["anyOf"] = [*out["anyOf"], {"type": "null"}]


def _ordered(properties: dict[str, Json], ordering: list[Json]) -> dict[str, Json]:
    first = [name for name in ordering if isinstance(name, str) and name in properties]
    return {name: properties[name] for name in dict.fromkeys([*first, *properties])}


def _value(key: str, value: Json) -> Json:
    if key == "properties" and isinstance(value, dict):
        return {name: from_gemini(inner) for name, inner in value.items()}
    if key in LISTS and isinstance(value, list):
        return [from_gemini(inner) for inner in value]
    if key in NESTED:
        return from_gemini(value)
    if WORDS.get(key, key) in INTEGERS and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value
