"""Which failures another key or target may cure, and how often that is tried."""

from __future__ import annotations

import pytest

from gateway.attempt import Target
from gateway.errors import BadRequest, Busy, LossRefused, Unreachable, UpstreamError
from gateway.retry import MOST, RESERVE, SHARE, Failures, RetryBudget, may_cure

FIRST = Target("a", "m", "openai")
SAME = Target("a", "other", "openai")
NEXT = Target("b", "m", "openai")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("status", [401, 402, 403, 408, 429, 500, 502, 503, 504, 529])
def test_what_speaks_of_the_key_or_the_moment_may_be_cured(status: int) -> None:
    assert may_cure(UpstreamError("no", status=status))


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_what_speaks_of_the_request_is_final(status: int) -> None:
    assert not may_cure(UpstreamError("no", status=status))


def test_a_bad_request_is_final() -> None:
    assert not may_cure(BadRequest("no model"))


def test_a_refused_loss_asks_for_another_target_but_not_another_key() -> None:
    refused = LossRefused("tools")

    failures = _failed(refused)

    assert may_cure(refused)
    assert _leaves(failures) == [False, True, True]


@pytest.mark.parametrize("error", [Busy("full"), Unreachable("refused")], ids=["busy", "unreached"])
def test_no_key_or_model_of_a_full_or_dead_upstream_is_a_cure(error) -> None:
    assert may_cure(error)
    assert _leaves(_failed(error)) == [False, False, True]


def test_the_same_upstream_is_tried_again_as_long_as_there_is_a_budget() -> None:
    budget = RetryBudget(Clock(), 1.0)
    failures = _failed(UpstreamError("no", status=503))

    assert [failures.leave(FIRST, budget) for _ in range(2)] == [True, False]
    assert failures.leave(NEXT, budget)


def test_another_key_after_a_refused_one_costs_no_budget() -> None:
    budget = RetryBudget(Clock(), 0.0)

    assert _failed(UpstreamError("no", status=429)).leave(FIRST, budget)


def test_a_client_hears_of_a_refused_key_only_where_nothing_else_is_wrong() -> None:
    refused, broken = UpstreamError("key", status=401), UpstreamError("broken", status=500)
    failures = _failed(refused)
    assert failures.told is refused

    failures.add(broken, NEXT)
    failures.add(refused, FIRST)

    assert (failures.told, failures.last, failures.count) == (broken, refused, 3)


def test_retries_are_a_share_of_the_traffic() -> None:
    budget = RetryBudget(Clock(), 0.0)
    for _ in range(100):
        budget.earn()

    granted = [budget.spend() for _ in range(100)].count(True)

    assert granted == pytest.approx(100 * SHARE, abs=1)


def test_little_traffic_has_a_reserve_that_comes_back() -> None:
    clock = Clock()
    budget = RetryBudget(clock)

    assert [budget.spend() for _ in range(int(RESERVE) + 1)] == [True] * int(RESERVE) + [False]
    clock.now += 2
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    clock.now += 1e6
    assert [budget.spend() for _ in range(int(RESERVE) + 1)].count(True) == RESERVE


def test_a_long_calm_saves_no_more_than_a_limit() -> None:
    budget = RetryBudget(Clock())
    for _ in range(10_000):
        budget.earn()

    assert budget.left <= MOST + SHARE


def _failed(error) -> Failures:
    failures = Failures(error)
    failures.add(error, FIRST)
    return failures


def _leaves(failures: Failures) -> list[bool]:
    return [failures.leave(target, RetryBudget()) for target in (FIRST, SAME, NEXT)]
