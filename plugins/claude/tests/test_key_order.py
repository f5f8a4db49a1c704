"""Keys stand in the client's order, whatever a rule added or took away."""

from __future__ import annotations

import json

import pytest

from gateway_claude.key_order import LOOK_AHEAD, as_sent


@pytest.mark.parametrize(
    ("written", "sent", "wanted"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"b": 2, "a": 1}),
        ({"a": 1, "new": 0, "b": 9}, {"b": 2, "gone": 3, "a": 1}, {"b": 9, "a": 1, "new": 0}),
        ({"a": {"c": 1, "d": 2}}, {"a": {"d": 2, "c": 1}}, {"a": {"d": 2, "c": 1}}),
        ([{"a": 1, "b": 8}], [{"b": 2, "a": 1}], [{"b": 8, "a": 1}]),
        (
            [{"n": 0}, {"a": 1, "b": 2}, {"a": 3, "b": 4}],
            [{"b": 2, "a": 1}, {"b": 4, "a": 3}],
            [{"n": 0}, {"b": 2, "a": 1}, {"b": 4, "a": 3}],
        ),
        (
            [{"a": 3, "b": 4}],
            [{"b": 2, "a": 1}, {"b": 4, "a": 3}],
            [{"b": 4, "a": 3}],
        ),
        ("text", [{"type": "text"}], "text"),
        ({"a": 1}, None, {"a": 1}),
        ([1], {"a": 1}, [1]),
    ],
)
def test_what_is_written_takes_the_order_of_what_was_sent(written, sent, wanted):
    assert json.dumps(as_sent(written, sent)) == json.dumps(wanted)


def test_an_item_that_stands_far_behind_keeps_its_own_order():
    sent = [*range(LOOK_AHEAD), {"b": 2, "a": 1}]

    assert json.dumps(as_sent([{"a": 1, "b": 2}], sent)) == json.dumps([{"a": 1, "b": 2}])
