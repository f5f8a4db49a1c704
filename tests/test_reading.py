"""A wrong value in a client's JSON is named by its path, in words."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import NO_EXTRA
from gateway.reading import NUMBER, entries, get, name_of, need, noted, rest, wrong

PATH = ("messages", 2)


@pytest.mark.parametrize(
    ("obj", "kind", "value"),
    [
        ({"k": "a"}, str, "a"),
        ({"k": 5}, int, 5),
        ({"k": 5.0}, int, 5),
        ({"k": 5}, NUMBER, 5),
        ({"k": 0.5}, NUMBER, 0.5),
        ({"k": False}, bool, False),
        ({"k": []}, list, []),
        ({"k": "a"}, (str, list), "a"),
        ({"k": None}, str, None),
        ({}, str, None),
    ],
)
def test_a_value_of_the_right_kind_is_given_back(obj, kind, value):
    found = get(obj, "k", kind, PATH)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (5, str, "messages[2].k must be a string, not a number"),
        (True, int, "messages[2].k must be a whole number, not true or false"),
        (True, NUMBER, "messages[2].k must be a number, not true or false"),
        (0.5, int, "messages[2].k must be a whole number, not a number"),
        (1e300, int, "messages[2].k must be a whole number, not a number"),
        ("a", list, "messages[2].k must be a list, not a string"),
        ([], dict, "messages[2].k must be an object, not a list"),
        ({}, (str, list), "messages[2].k must be a string or a list, not an object"),
        ([], (str, dict), "messages[2].k must be a string or an object, not a list"),
        ("yes", bool, "messages[2].k must be true or false, not a string"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_path(value, kind, message):
    for read in (get, need):
        with pytest.raises(BadRequest) as refused:
            read({"k": value}, "k", kind, PATH)

        assert refused.value.message == message
        assert refused.value.param == "messages[2].k"


@pytest.mark.parametrize("obj", [{}, {"k": None}])
def test_what_is_needed_and_missing_is_named(obj):
    with pytest.raises(BadRequest, match=r"^model is required \(a string\)$") as refused:
        need({**obj, "model": obj.get("k")}, "model", str, ())

    assert refused.value.param == "model"


def test_a_needed_empty_value_is_there():
    assert need({"k": ""}, "k", str, ()) == ""
    assert need({"k": []}, "k", list, ()) == []


def test_entries_come_with_their_paths():
    assert list(entries([{"a": 1}, {}], ("tools",))) == [
        (("tools", 0), {"a": 1}),
        (("tools", 1), {}),
    ]


def test_an_entry_that_is_no_object_is_refused():
    with pytest.raises(BadRequest, match=r"tools\[1\] must be an object, not a string"):
        list(entries([{}, "x"], ("tools",)))


def test_fields_that_nobody_knows_stay_in_extra():
    extra = rest({"a": 1, "b": 2}, {"a"}, "claude", PATH)

    assert extra == {"claude": {"b": 2}}
    assert extra["claude"].path == PATH


def test_without_unknown_fields_there_is_no_extra():
    assert rest({"a": 1}, {"a", "b"}, "claude", PATH) is NO_EXTRA


def test_a_note_on_form_joins_the_fields():
    extra = rest({"b": 2}, {"a"}, "claude", PATH)

    marked = noted(extra, "claude", PATH, string=True)

    assert marked == {"claude": {"b": 2, "$string": True}}
    assert extra == {"claude": {"b": 2}}


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), (True, "true or false"), (0, "a number"), ([], "a list"), ({}, "an object")],
)
def test_values_have_names_for_people(value, name):
    assert name_of(value) == name


def test_an_error_without_a_value_says_only_what_is_wanted():
    assert wrong(("a", 0), "a string").message == "a[0] must be a string"
