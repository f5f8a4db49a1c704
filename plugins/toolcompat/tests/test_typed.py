from __future__ import annotations

import pytest

from gateway_toolcompat.names import meant
from gateway_toolcompat.repair import load
from gateway_toolcompat.typed import Fitting

NESTED = {
    "type": "object",
    "properties": {
        "rows": {"type": "array", "items": {"$ref": "#/$defs/Row"}},
        "way": {"enum": ["First", "last"]},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "either": {"type": ["string", "integer"]},
        "any": {},
        "size": {"type": "number"},
        "on": {"type": "boolean"},
        "count": {"type": "integer"},
        "text": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "$defs": {"Row": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", "5", 5),
        ("count", " 5 \n", 5),
        ("count", "5.0", 5),
        ("count", "1,200", 1200),
        ("count", "-3", -3),
        ("count", "five", "five"),
        ("size", "2.50", 2.5),
        ("size", "1e3", 1000.0),
        ("on", "True", True),
        ("on", " false ", False),
        ("on", '"true"', True),
        ("on", "perhaps", "perhaps"),
        ("text", "5", "5"),
        ("text", "true", "true"),
        ("text", " kept ", " kept "),
        ("text", '{"a": 1}', '{"a": 1}'),
        ("rows", '[{"n": "4"}, {"n": 5}]', [{"n": 4}, {"n": 5}]),
        ("rows", '{"n": 1}', [{"n": 1}]),
        ("tags", '["1", 2]', ["1", "2"]),
        ("tags", "alone", ["alone"]),
        ("way", "first", "First"),
        ("way", "LAST", "last"),
        ("maybe", "null", None),
        ("maybe", "7", 7),
        ("either", "seven", "seven"),
        ("any", "[1]", [1]),
        ("any", "plain", "plain"),
    ],
)
def test_text_becomes_what_the_schema_asks_for(name, text, value):
    assert Fitting(NESTED).arguments({name: text}, textual=True) == {name: value}


@pytest.mark.parametrize(
    ("given", "fitted"),
    [
        ({"count": "5"}, {"count": 5}),
        ({"count": 5.0}, {"count": 5}),
        ({"text": 5}, {"text": "5"}),
        ({"text": True}, {"text": "true"}),
        ({"either": 5}, {"either": 5}),
        ({"either": "5"}, {"either": "5"}),
        ({"count": None, "text": ""}, {"text": ""}),
        ({"count": ""}, {}),
        ({"Count": 1, "TAGS": []}, {"count": 1, "tags": []}),
        ({"rows": [{"N": "1"}]}, {"rows": [{"n": 1}]}),
        ({"unknown": 1}, {"unknown": 1}),
        ({"rows": "[{'n': 1,}]"}, {"rows": [{"n": 1}]}),
    ],
)
def test_json_is_brought_to_the_types_of_the_schema(given, fitted):
    assert Fitting(NESTED).arguments(given, textual=False) == fitted


def test_an_unknown_argument_goes_where_the_schema_forbids_it():
    closed = {**NESTED, "additionalProperties": False}

    assert Fitting(closed).arguments({"count": 1, "mood": "x"}, textual=False) == {"count": 1}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "https://example.invalid/s.json"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
        {"type": "no such type"},
        {"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}},
    ],
)
def test_a_schema_that_nobody_can_check_forbids_nothing(schema):
    fitting = Fitting(schema)

    assert fitting.problem(fitting.arguments({"a": "x"}, textual=True)) is None


def test_a_problem_names_the_place():
    assert Fitting(NESTED).problem({"rows": [{"n": "x"}]}) == (
        "['rows'][0]['n']: 'x' is not of type 'integer'"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": 1}}', {"a": 1}),
        ('{"a": {"b": 1}', {"a": {"b": 1}}),
        ('{"a": [1, 2}', {"a": [1, 2]}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": 1}, "b": 2}', {"a": 1, "b": 2}),
        ('{"a": 1}, {"a": 2}', {"a": 1}),
        ('{"a": 1, "a": 1}', {"a": 1}),
        ("{'a': True, 'b': None}", {"a": True, "b": None}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
        ('{"a": "x\\n",}', {"a": "x\n"}),
        ("{&quot;a&quot;: 1}", {"a": 1}),
        ('{a: 1, b: "c"}', {"a": 1, "b": "c"}),
        ('{"a": 1 // one\n}', {"a": 1}),
    ],
)
def test_json_that_is_nearly_right_is_read(text, value):
    mended = load(text)

    assert mended is not None
    assert (mended.value, mended.whole) == (value, True)


@pytest.mark.parametrize("text", ["", "words", "<a>", "{", "nothing {"])
def test_what_is_no_json_is_none(text):
    mended = load(text)

    assert mended is None or mended.value == {}


def test_a_value_cut_off_inside_a_string_is_not_whole():
    mended = load('{"path": "/etc/pas')

    assert mended is None or not mended.whole


DECLARED = ["get_weather", "send_email", "getUser", "read_file", "write_file", "users.list"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("get_weather", "get_weather"),
        ("functions.get_weather:3", "get_weather"),
        (" 'get_weather' ", "get_weather"),
        ("GetWeather", "get_weather"),
        ("get-weather", "get_weather"),
        ("weather", "get_weather"),
        ("email", "send_email"),
        ("get_user", "getUser"),
        ("users_list", "users.list"),
        ("get_wheather", "get_weather"),
        ("file", None),
        ("get", None),
        ("delete_file", None),
        ("get_capital", None),
        ("set_weather", None),
        ("", None),
    ],
)
def test_a_name_means_a_tool_only_where_one_alone_can_be_meant(name, found):
    assert meant(name, DECLARED) == found
