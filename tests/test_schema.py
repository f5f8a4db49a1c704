"""JSON Schemas in the words of a strict provider."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.losses import Losses
from gateway.schema import SchemaRules, compile_schema

WORDS = frozenset({"description", "enum", "minimum", "maximum", "format", "title"})
STRICT = SchemaRules(
    WORDS,
    formats=frozenset({"date-time"}),
    bound=2**31 - 1,
    names=re.compile(r"[a-zA-Z_]\w{0,63}"),
)
NO_CHOICE = SchemaRules(WORDS, any_of=False)
EVERYWHERE = {*WORDS, "type", "properties", "items", "required", "anyOf", "nullable"}


def compiled(schema: Any, rules: SchemaRules = STRICT) -> tuple[dict[str, Any], list[str]]:
    losses = Losses()
    out = compile_schema(schema, rules, losses, ("s",)).schema
    return out, [f"{loss.path} {loss.weight}" for loss in losses]


CASES: dict[str, tuple[Any, Any]] = {
    "a plain schema stays": (
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    ),
    "schema words are dropped": (
        {"$schema": "x", "type": "object", "additionalProperties": False},
        {"type": "object"},
    ),
    "a reference is inlined": (
        {"$defs": {"c": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/c"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}},
    ),
    "words beside a reference win": (
        {"$defs": {"c": {"type": "string"}}, "$ref": "#/$defs/c", "description": "d"},
        {"type": "string", "description": "d"},
    ),
    "const becomes an enum": ({"const": "a"}, {"enum": ["a"], "type": "string"}),
    "a nullable type array": ({"type": ["integer", "null"]}, {"type": "integer", "nullable": True}),
    "a wide type array": (
        {"type": ["integer", "string"]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    ),
    "a choice with null": (
        {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "d"},
        {"type": "string", "nullable": True, "description": "d"},
    ),
    "oneOf becomes anyOf": (
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    ),
    "allOf adds up": (
        {"allOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}}]},
        {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]},
    ),
    "an array without items gets some": ({"type": "array"}, {"type": "array", "items": {}}),
    "a missing schema is an object": (None, {"type": "object"}),
    "a boolean schema is an object": (True, {"type": "object"}),
}


@pytest.mark.parametrize("name", CASES)
def test_schemas_are_folded(name: str) -> None:
    schema, expected = CASES[name]

    assert compiled(schema)[0] == expected


def test_what_cannot_be_said_is_told_and_recorded() -> None:
    out, losses = compiled({"type": "string", "pattern": "^a$", "description": "A name."})

    assert out == {"type": "string", "description": "A name. (pattern: ^a$)"}
    assert losses == ["s.pattern hint"]


def test_bounds_beyond_32_bits_are_told() -> None:
    out, losses = compiled({"type": "integer", "minimum": -9007199254740991, "maximum": 5})

    assert out == {"type": "integer", "maximum": 5, "description": "(minimum: -9007199254740991)"}
    assert losses == ["s.minimum hint"]


def test_a_recursive_schema_ends_in_any_object_and_says_so() -> None:
    tree = {"$ref": "#/$defs/n", "$defs": {"n": {"properties": {"kid": {"$ref": "#/$defs/n"}}}}}

    out, losses = compiled(tree)

    assert out == {"type": "object", "properties": {"kid": {"type": "object"}}}
    assert losses == ["s.properties.kid.$ref meaning"]


def test_without_choices_the_first_stands_and_the_rest_is_told() -> None:
    out, losses = compiled({"anyOf": [{"type": "string"}, {"type": "integer"}]}, NO_CHOICE)

    assert out == {"type": "string", "description": '(or: {"type":"integer"})'}
    assert losses == ["s.anyOf meaning"]


def test_illegal_property_names_are_renamed_and_raised_back() -> None:
    schema = {
        "properties": {
            "-A": {"type": "integer"},
            "list": {"type": "array", "items": {"properties": {"-b": {"type": "string"}}}},
        },
        "required": ["-A"],
    }

    done = compile_schema(schema, STRICT, Losses(), ())

    first, second = done.schema["properties"]
    assert done.schema["required"] == [first]
    assert STRICT.names is not None
    assert STRICT.names.fullmatch(first)
    (inner,) = done.schema["properties"][second]["items"]["properties"]
    lowered = {first: 3, "list": [{inner: "x"}, {"other": 1}]}
    raised = {"-A": 3, "list": [{"-b": "x"}, {"other": 1}]}
    assert done.renames.raised(lowered) == raised
    assert done.renames.lowered(raised) == lowered


def test_legal_names_leave_no_renames() -> None:
    assert not compile_schema({"properties": {"a": {}}}, STRICT, Losses(), ()).renames


KEYWORDS = st.sampled_from(
    ["pattern", "minimum", "multipleOf", "format", "default", "not", "propertyNames", "title"]
)
LEAF = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from(["string", "integer", "null", ["string", "null"]])}
)
SCHEMAS = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.dictionaries(st.text("a-$1", min_size=1, max_size=3), inner, max_size=3).map(
            lambda found: {"type": "object", "properties": found, "required": list(found)}
        ),
        st.lists(inner, max_size=3).map(lambda found: {"anyOf": found}),
        st.lists(inner, max_size=3).map(lambda found: {"allOf": found}),
        st.tuples(inner, KEYWORDS, st.integers(-5, 5)).map(
            lambda found: {**found[0], found[1]: found[2]}
        ),
        inner.map(lambda found: {"type": "array", "items": found}),
    ),
    max_leaves=8,
)


@given(SCHEMAS)
def test_only_allowed_words_come_out(schema: Any) -> None:
    def check(node: Any) -> None:
        assert set(node) <= EVERYWHERE
        assert isinstance(node.get("type", ""), str)
        for name, inner in node.get("properties", {}).items():
            assert STRICT.names is not None
            assert STRICT.names.fullmatch(name)
            check(inner)
        for inner in [*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())]:
            check(inner)

    check(compiled(schema)[0])


GEMINI = SchemaRules(WORDS, enums=(str, int, float), nullable="type")
FOLDS: dict[str, tuple[Any, Any]] = {
    "null beside several choices": (
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    ),
    "null in a wide type": (
        {"type": ["string", "integer", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    ),
    "null among an enum's values": (
        {"enum": ["a", None]},
        {"type": ["string", "null"], "enum": ["a"]},
    ),
    "an enum of what may not be listed": (
        {"enum": [True]},
        {"type": "boolean", "description": "(enum: [true])"},
    ),
    "a list of items": (
        {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
        {"type": "array", "items": {"type": "string"}},
    ),
    "choices that only require": (
        {"properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {
            "type": "object",
            "properties": {"a": {}},
            "description": '(anyOf: [{"required":["a"]},{"required":["b"]}])',
        },
    ),
    "a type that is no word": ({"type": {"x": 1}}, {}),
    "an escaped reference": (
        {"$defs": {"a b": [{"type": "null"}]}, "items": {"$ref": "#/$defs/a%20b/0"}},
        {"type": "array", "items": {"type": "null"}},
    ),
}


@pytest.mark.parametrize("name", FOLDS)
def test_th3_hard_schemas_are_folded(name: str) -> None:
    schema, expected = FOLDS[name]

    assert compiled(schema, GEMINI)[0] == expected


def test_an_all_of_that_contains_itself_comes_to_an_end() -> None:
    schema = {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "string"}]}}}

    assert compiled({**schema, "allOf": [{"$ref": "#/$defs/a"}]})[0] == {"type": "string"}


def test_members_that_disagree_are_recorded() -> None:
    schema = {"type": "integer", "allOf": [{"minimum": 1}, {"minimum": 5}]}

    out, losses = compiled(schema)

    assert out == {"type": "integer", "minimum": 1}
    assert losses == ["s.allOf.minimum meaning"]


def test_references_that_multiply_stay_bounded() -> None:
    defs: dict[str, Any] = {
        f"d{n}": {"properties": {k: {"$ref": f"#/$defs/d{n + 1}"} for k in "abc"}}
        for n in range(12)
    }
    defs["d12"] = {"type": "string"}

    out, losses = compiled({"$defs": defs, "$ref": "#/$defs/d0"})

    assert len(str(out)) < 2_000_000
    assert any(loss.endswith("meaning") for loss in losses)


def test_words_that_say_nothing_are_hints() -> None:
    _, losses = compiled({"$schema": "x", "type": "object", "additionalProperties": False})

    assert losses == ["s.$schema hint", "s.additionalProperties hint"]


def test_required_names_without_a_property_are_recorded() -> None:
    out, losses = compiled({"properties": {"a": {}}, "required": ["a", "b"]})

    assert out["required"] == ["a"]
    assert losses == ["s.required hint"]


def test_the_same_schema_is_compiled_alike_under_another_path() -> None:
    schema = {"type": "string", "pattern": "^b$"}
    first, second = Losses(), Losses()

    one = compile_schema(schema, STRICT, first, ("tools", 0))
    other = compile_schema(schema, STRICT, second, ("tools", 1))

    assert one.schema == other.schema
    assert [loss.path for loss in second] == ["tools[1].pattern"]
