"""Another dialect's lengths and sampling settings, within what Claude takes."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import Reasoning, Sampling


def paths(losses):
    return {loss.path: loss.weight for loss in losses}


def test_without_max_tokens_the_models_own_most_is_asked_for(write, attempt):
    assert write()[0]["max_tokens"] == 8192
    assert write(attempt=attempt(facts={"max_output": 32000}))[0]["max_tokens"] == 32000


def test_mx1_max_tokens_is_held_to_the_models_most(write, attempt):
    one = attempt(facts={"max_output": 4096})

    body, losses = write(sampling=Sampling(max_tokens=64000), attempt=one)

    assert body["max_tokens"] == 4096
    assert paths(losses) == {"sampling.max_tokens": "meaning"}


def test_a_temperature_above_one_is_moved_and_recorded(write):
    body, losses = write(sampling=Sampling(temperature=1.6))

    assert body["temperature"] == 1
    assert "sampling.temperature" in paths(losses)


def test_settings_that_claude_has_not_are_recorded(write):
    sampling = Sampling(
        seed=1, frequency_penalty=0.1, presence_penalty=0.2, logprobs=True, top_logprobs=3, n=1
    )

    _, losses = write(sampling=sampling)

    assert set(paths(losses)) == {
        "sampling.seed",
        "sampling.frequency_penalty",
        "sampling.presence_penalty",
        "sampling.logprobs",
        "sampling.top_logprobs",
    }


def test_more_than_one_answer_is_refused(write):
    with pytest.raises(BadRequest, match="n is 2"):
        write(sampling=Sampling(n=2))


def test_temperature_and_top_p_are_not_sent_together(write):
    body, losses = write(sampling=Sampling(temperature=0.5, top_p=0.9))

    assert "top_p" not in body
    assert "sampling.top_p" in paths(losses)


def test_a_stop_sequence_of_white_space_is_recorded(write):
    body, losses = write(sampling=Sampling(stop=["\n", "END"]))

    assert body["stop_sequences"] == ["END"]
    assert paths(losses) == {"sampling.stop": "meaning"}


def test_mx1_a_clients_own_thinking_fits_into_the_models_most(write, attempt):
    one = attempt(client="claude", facts={"max_output": 4096})
    reasoning = Reasoning("on", budget=32000)

    body, losses = write(sampling=Sampling(max_tokens=64000), reasoning=reasoning, attempt=one)

    assert (body["max_tokens"], body["thinking"]["budget_tokens"]) == (4096, 3072)
    assert set(paths(losses)) == {"sampling.max_tokens", "reasoning.budget"}
