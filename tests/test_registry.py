"""Names are lowered alike every time, and raised exactly."""

from __future__ import annotations

import re

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.losses import Losses
from gateway.registry import NAME, ToolRegistry, lower_id, shorten
from gateway.schema import SchemaRules, compile_schema

QUICK = settings(max_examples=200, deadline=None, derandomize=True)
LETTER_FIRST = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]{0,63}")
LONG = "mcp__" + "server" * 20 + "__tool"


@pytest.mark.parametrize("name", ["a", "get_weather", "A-b_9", "x" * 64])
def test_a_legal_name_stays(name):
    registry = ToolRegistry()

    assert registry.lower(name) == name
    assert registry.raise_(name) == name


@QUICK
@given(st.text(st.characters(codec="utf-8"), max_size=120))
def test_th4_any_name_is_lowered_to_a_legal_one_and_raised_exactly(name):
    registry = ToolRegistry()

    lowered = registry.lower(name)

    assert NAME.fullmatch(lowered)
    assert registry.raise_(lowered) == name
    assert ToolRegistry().lower(name) == lowered


@QUICK
@given(st.sets(st.text(st.characters(codec="utf-8"), min_size=50, max_size=90), max_size=8))
def test_th4_different_names_stay_different(names):
    registry = ToolRegistry()

    assert len({registry.lower(LONG + name) for name in names}) == len(names)


def test_a_name_nobody_lowered_is_raised_to_itself():
    assert ToolRegistry().raise_("unheard_of") == "unheard_of"


def test_a_shortened_name_can_still_be_read():
    assert shorten("files/read file", 30) == "files_read_file_" + shorten("files/read file")[-8:]
    assert len(shorten(LONG, 40)) == 40


@pytest.mark.parametrize("call_id", ["call_1", "toolu_01AbC", "x" * 64])
def test_a_legal_id_stays(call_id):
    assert lower_id(call_id) == call_id


@pytest.mark.parametrize("call_id", ["functions.get:0", "x" * 65, "", "a b"])
def test_th4_an_id_is_lowered_alike_for_call_and_result(call_id):
    lowered = lower_id(call_id)

    assert NAME.fullmatch(lowered)
    assert lower_id(call_id) == lowered
    assert lower_id(lowered) == lowered


def test_a_free_form_tool_is_wrapped_and_its_input_raised():
    registry = ToolRegistry()
    schema = registry.wrap_custom("apply_patch")

    assert schema["required"] == ["input"]
    assert registry.is_custom("apply_patch")
    assert registry.changes_arguments("apply_patch")
    assert registry.raise_arguments("apply_patch", '{"input": "*** Begin\\n"}') == "*** Begin\n"


@pytest.mark.parametrize("arguments", ['{"input": 5}', "[]", "{}", "not json", '{"other": "x"}'])
def test_what_is_no_wrapped_input_comes_back_as_it_is(arguments):
    registry = ToolRegistry()
    registry.wrap_custom("apply_patch")

    assert registry.raise_arguments("apply_patch", arguments) == arguments


def test_arguments_of_an_unchanged_tool_are_untouched():
    registry = ToolRegistry()

    assert registry.raise_arguments("f", '{ "a" : 1 }') == '{ "a" : 1 }'
    assert not registry.changes_arguments("f")


@QUICK
@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_a_pattern_may_forbid_the_first_character(name):
    registry = ToolRegistry()

    lowered = registry.lower(name, LETTER_FIRST)

    assert LETTER_FIRST.fullmatch(lowered)
    assert registry.raise_(lowered) == name


@pytest.mark.parametrize("namespace", [None, "mcp", "mcp server!", "n" * 70])
def test_th5_a_namespace_is_lowered_and_raised_back(namespace):
    registry = ToolRegistry()

    lowered = registry.lower_in(namespace, "read_file")

    assert NAME.fullmatch(lowered)
    assert registry.raise_in(lowered) == (namespace, "read_file")


def test_an_unknown_name_has_no_namespace():
    assert ToolRegistry().raise_in("invented__tool") == (None, "invented__tool")


def test_renamed_parameters_are_lowered_and_raised_at_every_depth():
    schema = {"properties": {"-A": {"properties": {"-B": {"type": "string"}}}}}
    rules = SchemaRules(frozenset(), names=re.compile(r"[a-z_][a-zA-Z0-9_]*"))
    registry = ToolRegistry()
    registry.renamed("grep", compile_schema(schema, rules, Losses(), ()).renames)
    arguments = {"-A": {"-B": "x"}, "-C": 1}

    lowered = registry.lower_arguments("grep", arguments)

    assert lowered.keys() != arguments.keys()
    assert registry.changes_arguments("grep")
    raised = registry.raise_arguments("grep", orjson.dumps(lowered).decode())
    assert orjson.loads(raised) == arguments
    assert registry.raise_arguments("grep", '{"half') == '{"half'
