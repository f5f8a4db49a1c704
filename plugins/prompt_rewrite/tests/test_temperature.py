"""A client's temperature, scaled and kept within what the target takes."""

from __future__ import annotations

import pytest

from gateway.model import ChatRequest, Reasoning
from gateway_prompt_rewrite import adjust_temperature

PLAIN = ChatRequest("m", [])


def adjusted(context, temperature, ratio, request=PLAIN, **facts):
    there = context(f"[groups.kimi]\ntemperature_ratio = {ratio}", **facts)
    return adjust_temperature(temperature, request, there), [str(x.path) for x in there.losses]


@pytest.mark.parametrize(
    ("temperature", "ratio", "wanted"),
    [(1, 0.6, 0.6), (0.7, 0.6, 0.42), (0.1, 0.3, 0.03), (0, 0.5, 0), (1.5, 0, 0), (-1, 0.5, 0)],
)
def test_the_temperature_is_multiplied(context, temperature, ratio, wanted):
    assert adjusted(context, temperature, ratio) == (wanted, [])


@pytest.mark.parametrize(
    ("facts", "most"),
    [
        ({}, 2),
        ({"speaks": None}, 2),
        ({"speaks": "claude"}, 1),
        ({"quirks": {"max_temperature": 1.5}}, 1.5),
        ({"quirks": {"max_temperature": 1.5}, "speaks": "claude"}, 1.5),
    ],
)
def test_it_is_cut_at_what_the_target_takes_and_noted(context, facts, most):
    assert adjusted(context, 2, 1.2, **facts) == (most, ["sampling.temperature"])


def test_a_ratio_of_one_changes_nothing(context):
    assert adjusted(context, 1.7, 1.0, speaks="claude") == (None, [])


def test_a_group_without_a_ratio_changes_nothing(context):
    assert adjust_temperature(0.5, PLAIN, context("")) is None


@pytest.mark.parametrize("mode", ["on", "adaptive"])
def test_a_claude_that_thinks_keeps_its_one(context, mode):
    request = ChatRequest("m", [], reasoning=Reasoning(mode))

    assert adjusted(context, 1, 0.5, request, speaks="claude") == (None, [])
    assert adjusted(context, 1, 0.5, request, speaks="openai") == (0.5, [])
