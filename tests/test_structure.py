from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import pytest
from attrs import field, frozen, validators

from gateway.settings import Seconds
from gateway.structure import Mistakes, did_you_mean, structure


@frozen
class Inner:
    with_: str
    limit: int = field(default=1, validator=validators.ge(1))


@frozen
class Outer:
    text: str = ""
    flag: bool = False
    count: int | None = None
    ratio: float = 1.0
    wait: Seconds = 1.0
    when: datetime | None = None
    mode: Literal["append", "prepend"] = "append"
    words: Sequence[str] = ()
    rules: Sequence[Inner] = ()
    named: Mapping[str, Inner] = {}


def test_a_table_becomes_typed_values():
    made = structure(
        {
            "ratio": 2,
            "wait": "2m",
            "count": 3,
            "rules": [{"with": "x"}],
            "named": {"a": {"with": "y", "limit": 2}},
        },
        Outer,
    )

    assert made.ratio == 2.0
    assert made.wait == 120.0
    assert list(made.rules) == [Inner("x")]
    assert made.named == {"a": Inner("y", 2)}


def test_dates_stay_dates():
    assert structure({"when": date(2027, 1, 1)}, Outer).when == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"text": 1}, ("text",), "must be a string, not a number"),
        ({"flag": "yes"}, ("flag",), "must be true or false, not a string"),
        ({"count": True}, ("count",), "must be a whole number, not true or false"),
        ({"count": 1.5}, ("count",), "must be a whole number, not a number with a point"),
        ({"ratio": "1"}, ("ratio",), "must be a number, not a string"),
        ({"when": 1}, ("when",), "must be a date or a time, not a number"),
        ({"text": date(2027, 1, 1)}, ("text",), "must be a string, not a date or a time"),
        ({"words": "abc"}, ("words",), "must be a list, not a string"),
        ({"words": ["a", {}]}, ("words", 1), "must be a string, not a table"),
        ({"named": []}, ("named",), "must be a table, not a list"),
        ({"named": {"a": 1}}, ("named", "a"), "must be a table, not a number"),
        ({"named": {"a": {}}}, ("named", "a", "with"), "is missing"),
        (
            {"rules": [{"with": "x"}, {"with": 2}]},
            ("rules", 1, "with"),
            "must be a string, not a number",
        ),
        ({"rules": [{"with": "x", "limit": 0}]}, ("rules", 0), "'limit' must be >= 1: 0"),
        ({"mode": "apend"}, ("mode",), 'must be one of append, prepend (did you mean "append"?)'),
        ({"mode": 1}, ("mode",), "must be one of append, prepend"),
        ({"txt": ""}, ("txt",), 'unknown name (did you mean "text"?)'),
        ({"zzz": ""}, ("zzz",), "unknown name"),
        ([], (), "must be a table, not a list"),
    ],
)
def test_what_is_wrong_is_named_by_path_and_reason(value, path, reason):
    with pytest.raises(Mistakes) as caught:
        structure(value, Outer, ("top",))

    assert [(one.path, one.reason) for one in caught.value.mistakes] == [(("top", *path), reason)]


def test_all_mistakes_are_found():
    with pytest.raises(Mistakes) as caught:
        structure({"text": 1, "flag": 2, "other": 3}, Outer)

    assert {one.path for one in caught.value.mistakes} == {("text",), ("flag",), ("other",)}


def test_a_far_name_gets_no_suggestion():
    assert did_you_mean("quux", ["timeout"]) == ""
    assert did_you_mean("timout", ["timeout"]) == ' (did you mean "timeout"?)'
