from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import pytest
from attrs import field, frozen, validators

from gateway.settings import FileText, Seconds
from gateway.structure import READ_FILE, Mistake, Mistakes, did_you_mean, names_of, structure


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


@frozen
class Parity:
    odd: bool

    @classmethod
    def from_toml(cls, value):
        if not isinstance(value, int):
            raise ValueError("must be odd or even")  # noqa: TRY004 - the words are what counts
        return cls(bool(value % 2))


@frozen
class Own:
    numbers: Sequence[Parity] = ()
    page: FileText | None = None
    limit: int = 0
    double: int = field(init=False, default=0)

    def __attrs_post_init__(self):
        if self.limit < 0:
            raise Mistake(("limit",), "is too small")


def test_a_class_may_read_its_value_itself():
    assert structure({"numbers": [1, 2]}, Own).numbers == [Parity(odd=True), Parity(odd=False)]


def test_a_class_names_its_own_mistakes():
    with pytest.raises(Mistakes) as caught:
        structure({"numbers": [1, "x"]}, Own, ("own",))
    with pytest.raises(Mistakes) as other:
        structure([{"limit": 1}, {"limit": -1}], list[Own], ("own",))

    told = [(one.path, one.reason) for error in (caught, other) for one in error.value.mistakes]
    assert told == [
        (("own", "numbers", 1), "must be odd or even"),
        (("own", 1, "limit"), "is too small"),
    ]


def test_a_field_that_is_worked_out_is_no_name():
    assert names_of(Own) == ["numbers", "page", "limit"]
    with pytest.raises(Mistakes):
        structure({"double": 1}, Own)


def test_the_text_of_a_file_is_read_by_whoever_knows_the_folder():
    token = READ_FILE.set(lambda place: f"what stands in {place}")
    try:
        assert structure({"page": "a.md"}, Own).page == "what stands in a.md"
    finally:
        READ_FILE.reset(token)


def test_a_far_name_gets_no_suggestion():
    assert did_you_mean("quux", ["timeout"]) == ""
    assert did_you_mean("timout", ["timeout"]) == ' (did you mean "timeout"?)'
