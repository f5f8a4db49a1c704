"""Usage readings join as cumulative counts do."""

from __future__ import annotations

import pytest

from gateway.events import Usage
from gateway.model import Fields


@pytest.mark.parametrize(
    ("first", "later", "joined"),
    [
        (Usage(input=12, output=1), Usage(output=5), Usage(input=12, output=5)),
        (Usage(input=12), Usage(input=10), Usage(input=12)),
        (Usage(), Usage(cached_input=0), Usage(cached_input=0)),
        (Usage(), Usage(), Usage()),
        (
            Usage(input=9, cache_write=4, reasoning=1),
            Usage(input=9, cached_input=5, cache_write=4, reasoning=3),
            Usage(input=9, cached_input=5, cache_write=4, reasoning=3),
        ),
    ],
)
def test_us5_the_larger_count_of_each_kind_wins(first, later, joined):
    assert first.merged(later) == joined
    assert later.merged(first) == joined


def test_a_guess_joined_with_a_count_is_mixed():
    guess, count = Usage(input=10, source="estimated"), Usage(output=5, source="provider")

    assert guess.merged(count).source == "mixed"
    assert guess.merged(guess).source == "estimated"


def test_the_extra_of_both_readings_is_kept():
    first = Usage(extra={"a": Fields({"x": 1}, ())})
    later = Usage(extra={"b": Fields({"y": 2}, ())})

    assert first.merged(later).extra == {"a": {"x": 1}, "b": {"y": 2}}
