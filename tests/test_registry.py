"""What was lowered for a target comes back exactly as the client knows it."""

from __future__ import annotations

import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.losses import Losses
from gateway.naming import NAME, lower_id, shorten
from gateway.registry import ToolRegistry
from gateway.schema import SchemaRules, compile_schema

LETTER_FIRST = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]{0,63}")


@given(st.text(min_size=1, max_size=200))
def test_th4_any_name_is_lowered_to_a_legal_one_and_raised_back(name):
    registry = ToolRegistry()

    lowered = registry.lower(name)

    assert NAME.fullmatch(lowered)
    assert registry.raise_(lowered) == name
    assert ToolRegistry().lower(name) == lowered


@given(st.text(min_size=1, max_size=100))
def test_a_pattern_may_forbid_the_first_character(name):
    registry = ToolRegistry()

    lowered = registry.lower(name, LETTER_FIRST)

    assert LETTER_FIRST.fullmatch(lowered)
    assert registry.raise_(lowered) == name


def test_th4_long_names_with_one_beginning_stay_apart():
    registry = ToolRegistry()
    names = ["tool_" + "x" * 70 + end for end in "ab"]

    lowered = [registry.lower(name) for name in names]

    assert len(set(lowered)) == 2
    assert [registry.raise_(each) for each in lowered] == names


@pytest.mark.parametrize("namespace", [None, "mcp", "mcp server!", "n" * 70])
def test_th5_a_namespace_is_lowered_and_raised_back(namespace):
    registry = ToolRegistry()

    lowered = registry.lower_in(namespace, "read_file")

    assert NAME.fullmatch(lowered)
    assert registry.raise_in(lowered) == (namespace, "read_file")


def test_an_unknown_name_is_the_models_own():
    assert ToolRegistry().raise_in("invented__tool") == (None, "invented__tool")


def test_th5_a_custom_tools_input_is_wrapped_and_unwrapped():
    registry = ToolRegistry()

    schema = registry.wrap_custom("apply_patch")

    assert schema["required"] == ["input"]
    assert registry.is_custom("apply_patch")
    assert registry.changes_arguments("apply_patch")
    assert registry.raise_arguments("apply_patch", '{"input":"*** Begin\\n"}') == "*** Begin\n"


@pytest.mark.parametrize("text", ["not json", "[1]", '{"other": 1}', '{"input": 5}'])
def test_a_custom_call_without_its_input_stays_as_it_is(text):
    registry = ToolRegistry()
    registry.wrap_custom("apply_patch")

    assert registry.raise_arguments("apply_patch", text) == text


def test_renamed_parameters_are_lowered_and_raised_at_every_depth():
    schema = {"properties": {"-A": {"properties": {"-B": {"type": "string"}}}}}
    rules = SchemaRules(frozenset(), names=re.compile(r"[a-z_][a-zA-Z0-9_]*"))
    registry = ToolRegistry()
    registry.renamed("grep", compile_schema(schema, rules, Losses(), ()).renames)
    arguments = {"-A": {"-B": "x"}, "-C": 1}

    lowered = registry.lower_arguments("grep", arguments)

    assert lowered.keys() != arguments.keys()
    raised = registry.raise_arguments("grep", orjson.dumps(lowered).decode())
    assert orjson.loads(raised) == arguments
    assert registry.raise_arguments("grep", '{"half') == '{"half'
    assert registry.raise_arguments("other", '{"-A":1}') == '{"-A":1}'


def test_a_tool_without_renames_needs_no_whole_arguments():
    registry = ToolRegistry()
    registry.renamed("read", compile_schema({}, SchemaRules(frozenset()), Losses(), ()).renames)

    assert not registry.changes_arguments("read")
    assert registry.lower_arguments("read", {"a": 1}) == {"a": 1}


def test_th4_ids_are_shortened_alike_for_a_call_and_its_result():
    long = "call_" + "x" * 100

    assert lower_id("toolu_1") == "toolu_1"
    assert lower_id(long) == lower_id(long) == shorten(long)
    assert NAME.fullmatch(lower_id("call:1/ä"))
