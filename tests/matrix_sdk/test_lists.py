"""Model lists, token counts and raw replies, as each SDK asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.fixtures import DIALECTS
from tests.clients.gateway_process import Gateway
from tests.matrix_sdk.pairs import make_pair
from tests.scripted import Scripted
from tests.scripted.lists import COUNT


@pytest.fixture(params=DIALECTS)
def outbound(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def openai_sdk(babelgate: Gateway, upstream: Scripted, outbound: str) -> Iterator[Any]:
    with make_pair(babelgate, "openai", outbound).sdk as sdk:
        yield sdk


@pytest.fixture
def claude_sdk(babelgate: Gateway, upstream: Scripted, outbound: str) -> Iterator[Any]:
    with make_pair(babelgate, "claude", outbound).sdk as sdk:
        yield sdk


def test_the_openai_sdk_lists_the_groups_own_names(openai_sdk: Any) -> None:
    listed = list(openai_sdk.models.list())

    assert "named" in [model.id for model in listed]
    assert {model.object for model in listed} == {"model"}


def test_the_anthropic_sdk_lists_the_groups_own_names(claude_sdk: Any) -> None:
    listed = list(claude_sdk.models.list())

    assert "named" in [model.id for model in listed]
    assert {model.type for model in listed} == {"model"}


def test_the_openai_sdk_asks_for_one_model(openai_sdk: Any) -> None:
    assert openai_sdk.models.retrieve("named").id == "named"


def test_the_anthropic_sdk_asks_for_one_model(claude_sdk: Any) -> None:
    assert claude_sdk.models.retrieve("named").id == "named"


def test_tokens_are_counted_by_the_upstream_that_can_and_estimated_elsewhere(
    claude_sdk: Any, upstream: Scripted, outbound: str
) -> None:
    messages = [{"role": "user", "content": "How long is this?"}]

    raw = claude_sdk.messages.with_raw_response.count_tokens(model="say-text", messages=messages)

    tokens = raw.parse().input_tokens
    if outbound == "claude":
        assert tokens == COUNT
        assert upstream.last.path == "/v1/messages/count_tokens"
    else:
        assert 3 <= tokens <= 20
        assert raw.headers["x-babelgate-estimated"] == "tokens"
        assert upstream.requests == []


def test_rate_limit_headers_of_the_upstream_reach_a_client_of_its_dialect(
    babelgate: Gateway, upstream: Scripted
) -> None:
    messages = [{"role": "user", "content": "Hello"}]
    with (
        make_pair(babelgate, "openai", "openai").sdk as ours,
        make_pair(babelgate, "claude", "claude").sdk as theirs,
    ):
        openai_raw = ours.chat.completions.with_raw_response.create(
            model="say-text", messages=messages
        )
        claude_raw = theirs.messages.with_raw_response.create(
            model="say-text", max_tokens=9, messages=messages
        )

    assert openai_raw.headers["x-ratelimit-remaining-requests"] == "59"
    assert claude_raw.headers["anthropic-ratelimit-requests-remaining"] == "59"
