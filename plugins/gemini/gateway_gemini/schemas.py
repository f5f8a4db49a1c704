"""Schemas between JSON Schema and Gemini's own `Schema`.

Gemini reads two forms: `parameters` (its `Schema` message: upper-case types, `nullable`) and
`parametersJsonSchema` (JSON Schema, of which it takes the keywords below). Source: Gemini API
reference, `FunctionDeclaration` and `Schema`, read 2026-11.
"""

from __future__ import annotations

import re

from gateway.model import Json
from gateway.schema import SchemaRules

KEYWORDS = frozenset(
    [
        *("title", "description", "enum", "format", "minimum", "maximum"),
        *("minItems", "maxItems", "minLength", "maxLength", "pattern"),
    ]
)
FORMATS = frozenset({"date-time", "date", "time", "enum", "float", "double", "int32", "int64"})
RULES = SchemaRules(
    KEYWORDS,
    formats=FORMATS,
    any_of=True,
    nullable="type",
    bound=2**31 - 1,
    names=re.compile(r"[a-zA-Z_][a-zA-Z0-9_.\-]{0,63}"),
)
"""A parameter that starts with a hyphen (`-A`) makes Gemini answer MALFORMED_FUNCTION_CALL."""

LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
NESTED = ("items", "additionalProperties", "not")
TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
INTEGERS = frozenset({"minItems", "maxItems", "minLength", "maxLength"})


def from_gemini(schema: Json) -> Json:
    """Gemini's `Schema` as JSON Schema: lower-case types, null in the type, numbers as numbers."""
    if not isinstance(schema, dict):
        return schema
    out = {key: _value(key, value) for key, value in schema.items()}
    kind = out.get("type")
    if isinstance(kind, str) and kind.upper() in TYPES:
        out["type"] = kind.lower()
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    out.pop("propertyOrdering", None)
    out.pop("property_ordering", None)
    return out


def _value(key: str, value: Json) -> Json:
    if key == "properties" and isinstance(value, dict):
        return {name: from_gemini(inner) for name, inner in value.items()}
    if key in LISTS and isinstance(value, list):
        return [from_gemini(inner) for inner in value]
    if key in NESTED:
        return from_gemini(value)
    if key in INTEGERS and isinstance(value, str) and value.isdigit():
        return int(value)
    return value
