"""Gemini's own `Schema`, said as JSON Schema."""

from __future__ import annotations

import pytest

from gateway_gemini.schemas import from_gemini, in_json_schema

CASES = {
    "types": ({"type": "OBJECT"}, {"type": "object"}),
    "null": ({"type": "STRING", "nullable": True}, {"type": ["string", "null"]}),
    "no null": ({"type": "STRING", "nullable": False}, {"type": "string"}),
    "null among choices": (
        {"any_of": [{"type": "STRING"}], "nullable": True},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ),
    "numbers written as strings": (
        {"type": "ARRAY", "minItems": "1", "max_items": "9", "items": {"type": "INTEGER"}},
        {"type": "array", "minItems": 1, "maxItems": 9, "items": {"type": "integer"}},
    ),
    "names of properties stay": (
        {"properties": {"min_items": {"type": "STRING"}, "type": {"type": "NUMBER"}}},
        {"properties": {"min_items": {"type": "string"}, "type": {"type": "number"}}},
    ),
    "no schema": (None, None),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_json_schema(name):
    given, expected = CASES[name]

    assert from_gemini(given) == expected


@pytest.mark.parametrize("word", ["propertyOrdering", "property_ordering"])
def test_properties_stand_in_the_order_that_was_asked_for(word):
    schema = {"properties": {"a": {}, "b": {}, "c": {}}, word: ["c", "gone", "a"]}

    out = from_gemini(schema)

    assert list(out["properties"]) == ["c", "a", "b"]
    assert list(out) == ["properties"]


def test_json_schema_stays_the_same_object():
    schema = {"type": "object", "properties": {"OBJECT": {"type": "string"}}}

    assert in_json_schema(schema) is schema
