"""Fixtures of the matrix."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.gateway_process import Gateway
from tests.matrix_sdk.pairs import PAIRS, WAYS, Pair, make_pair
from tests.scripted import Scripted


@pytest.fixture(scope="session", params=PAIRS)
def all_pairs(request: pytest.FixtureRequest, babelgate: Gateway) -> Iterator[Pair]:
    made = make_pair(babelgate, *request.param)
    yield made
    made.sdk.close()


@pytest.fixture
def pair(all_pairs: Pair, upstream: Scripted) -> Pair:
    """Each pair of dialects, before a scripted upstream that has just been cleared."""
    return all_pairs


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)
