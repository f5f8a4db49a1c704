"""What the SDKs read: every scenario of a reply, for all four pairs, streamed and whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from attrs import frozen

from tests.matrix_sdk.outcome import Tokens
from tests.matrix_sdk.pairs import Pair, make_pair
from tests.scripted import Scripted
from tests.scripted.answer import TEXT, THOUGHT
from tests.scripted.scenarios import CITIES, LONG, PARTIAL, REFUSAL

STOPS = {"openai": "stop", "claude": "end_turn"}
TOOLS = {"openai": "tool_calls", "claude": "tool_use"}
LENGTHS = {"openai": "length", "claude": "max_tokens"}


@frozen
class Expected:
    """The reply to a scenario. finish: by client dialect."""

    text: str = ""
    thinking: str = ""
    calls: Sequence[Mapping[str, Any]] = ()
    finish: Mapping[str, str] = STOPS


REPLIES = {
    "say-text": Expected(text=TEXT),
    "say-tool": Expected(calls=[CITIES[0]], finish=TOOLS),
    "say-two-tools": Expected(calls=CITIES, finish=TOOLS),
    "say-long-tool": Expected(calls=[LONG], finish=TOOLS),
    "say-empty-tool": Expected(calls=[{}], finish=TOOLS),
    "say-text-tool": Expected(text=TEXT, calls=[CITIES[0]], finish=TOOLS),
    "say-thinking": Expected(text=TEXT, thinking=THOUGHT),
    "say-thinking-tool": Expected(thinking=THOUGHT, calls=[CITIES[0]], finish=TOOLS),
    "say-length": Expected(text=PARTIAL, finish=LENGTHS),
}


@pytest.mark.parametrize("model", REPLIES)
def test_a_reply_reaches_the_sdk_as_it_was_said(pair: Pair, way: str, model: str) -> None:
    expected = REPLIES[model]

    outcome = pair.ask(way, model, tools=[pair.client.TOOL])

    assert outcome.text == expected.text
    assert outcome.thinking == expected.thinking
    assert list(outcome.calls) == [("get_weather", each) for each in expected.calls]
    assert len(set(outcome.call_ids)) == len(expected.calls)
    assert outcome.finish == expected.finish[pair.inbound]


def test_a_refusal_is_told_as_one(pair: Pair, way: str) -> None:
    outcome = pair.ask(way, "say-refusal")

    assert REFUSAL in (outcome.text, outcome.refusal)
    if pair.inbound == "claude":
        assert outcome.finish == "refusal"
    else:
        assert outcome.refusal == REFUSAL or outcome.finish == "content_filter"


def test_a_stop_sequence_is_told_where_the_upstream_tells_it(pair: Pair, way: str) -> None:
    names = {"openai": "stop", "claude": "stop_sequences"}

    outcome = pair.ask(way, "say-stop-sequence", **{names[pair.inbound]: ["END"]})

    assert outcome.text == "one two "
    if pair.inbound == pair.outbound == "claude":
        assert (outcome.finish, outcome.stop_sequence) == ("stop_sequence", "END")
    else:
        assert outcome.finish == STOPS[pair.inbound]


def test_usage_keeps_cached_tokens_in_each_dialects_own_definition(pair: Pair, way: str) -> None:
    outcome = pair.ask(way, "say-usage")

    assert outcome.tokens == Tokens(input=1200, cached=1000, output=50)


def test_reasoning_tokens_stay_where_both_sides_have_them(
    babelgate: Any, upstream: Scripted, way: str
) -> None:
    sdk = make_pair(babelgate, "openai", "openai").sdk
    body = {"model": "say-usage", "messages": [{"role": "user", "content": "Hello"}]}
    if way == "whole":
        usage = sdk.chat.completions.create(**body).usage
    else:
        wanted = {"stream_options": {"include_usage": True}}
        with sdk.chat.completions.stream(**body, **wanted) as stream:
            usage = stream.get_final_completion().usage

    assert usage.completion_tokens_details.reasoning_tokens == 30


def test_the_model_asked_for_is_the_model_that_answers(pair: Pair, way: str) -> None:
    """The client sees the name of the configuration's target or its own; never nothing."""
    outcome = pair.ask(way, "named")

    assert outcome.model in ("named", "say-text")
