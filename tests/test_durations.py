from __future__ import annotations

import doctest

import pytest

from gateway import durations
from gateway.durations import seconds


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("10s", 10),
        ("1m30s", 90),
        ("500ms", 0.5),
        ("2h", 7200),
        ("1d", 86400),
        ("1.5s", 1.5),
        (7, 7),
    ],
)
def test_lengths_of_time_are_seconds(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "10", "s", "10 s", "-1s", "10S", "1s!", True, [], None])
def test_anything_else_is_refused_with_examples(text):
    with pytest.raises(ValueError, match='such as "10s"'):
        seconds(text)


@pytest.mark.parametrize("text", ["0s", 0, -1, float("inf"), float("nan")])
def test_no_time_and_forever_are_refused(text):
    with pytest.raises(ValueError, match="longer than no time"):
        seconds(text)


def test_the_examples_in_the_docstrings_hold():
    ran = doctest.testmod(durations)

    assert ran.attempted > 0
    assert ran.failed == 0
