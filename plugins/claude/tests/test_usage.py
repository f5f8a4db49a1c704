"""US4, US5: Claude's counts leave the cache out, the hub's do not, and readings are cumulative."""

from __future__ import annotations

import pytest

from gateway.events import Usage
from gateway_claude.usage import merge, read_usage, write_usage

TABLE = [
    ({"input_tokens": 10, "output_tokens": 5}, Usage(10, output=5)),
    (
        {"input_tokens": 1, "cache_read_input_tokens": 271, "output_tokens": 31},
        Usage(272, cached_input=271, output=31),
    ),
    (
        {
            "input_tokens": 4,
            "cache_read_input_tokens": 3,
            "cache_creation_input_tokens": 2,
            "output_tokens": 9,
            "output_tokens_details": {"thinking_tokens": 6},
        },
        Usage(9, cached_input=3, cache_write=2, output=9, reasoning=6),
    ),
    ({"output_tokens": 5}, Usage(output=5)),
]


@pytest.mark.parametrize(("raw", "usage"), TABLE)
def test_us4_counts_convert_both_ways(raw, usage):
    assert read_usage(raw) == usage
    assert write_usage(usage) == raw


def test_what_the_hub_has_no_name_for_goes_home():
    raw = {
        "input_tokens": 1,
        "output_tokens": 2,
        "service_tier": "standard",
        "cache_creation": {"ephemeral_5m_input_tokens": 0},
        "output_tokens_details": {"thinking_tokens": 1, "new": 2},
    }

    assert write_usage(read_usage(raw)) == raw


def test_us5_the_larger_count_wins_and_null_says_nothing():
    merged = merge({"input_tokens": 9, "output_tokens": 1}, {"input_tokens": None})

    assert merge(merged, {"output_tokens": 7, "input_tokens": 3}) == {
        "input_tokens": 9,
        "output_tokens": 7,
    }


def test_a_count_of_the_providers_replaces_a_guess():
    guess = {"input_tokens": 500, "output_tokens": 0, "estimated": True}

    assert merge(guess, {"input_tokens": 20, "output_tokens": 3}) == {
        "input_tokens": 20,
        "output_tokens": 3,
    }


def test_a_guess_says_that_it_is_one():
    assert read_usage({"input_tokens": 5, "output_tokens": 1, "estimated": True}) == Usage(
        5, output=1, source="estimated"
    )
    assert write_usage(Usage(5, output=1, source="mixed"))["estimated"] is True


def test_more_cached_than_read_is_no_negative_count():
    assert write_usage(Usage(5, cached_input=9, output=0))["input_tokens"] == 0
