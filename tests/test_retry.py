"""Which failures another key or target may cure."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest, LossRefused, UpstreamError
from gateway.retry import may_cure, may_cure_key


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504, 529])
def test_what_speaks_of_the_key_or_the_moment_may_be_cured(status: int) -> None:
    assert may_cure_key(UpstreamError("no", status=status))


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_what_speaks_of_the_request_is_final(status: int) -> None:
    assert not may_cure(UpstreamError("no", status=status))


def test_a_bad_request_is_final() -> None:
    assert not may_cure(BadRequest("no model"))


def test_a_refused_loss_asks_for_another_target_but_not_another_key() -> None:
    refused = LossRefused("tools")

    assert may_cure(refused)
    assert not may_cure_key(refused)
