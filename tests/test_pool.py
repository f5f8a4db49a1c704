"""Keys: turns, rests, breakers, and what does not rest a key."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.errors import Busy, Unreachable, UpstreamError
from gateway.pool import (
    DEAD_FOR,
    FAILURES,
    OPEN_FIRST,
    OPEN_MOST,
    PROBE_FOR,
    REST_FIRST,
    REST_MOST,
    RETRY_AFTER_MOST,
    Pool,
)

HERE, ELSEWHERE = ("chat", "m"), ("chat", "other")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def pool_of(*keys: str, before: Pool | None = None) -> tuple[Pool, Clock]:
    """A pool without jitter, and its clock."""
    clock = Clock()
    return Pool(keys, clock, lambda: 0.5, before), clock


def refused(status: int, retry_after: float | None = None) -> UpstreamError:
    return UpstreamError("no", status=status, retry_after=retry_after)


def fail(pool: Pool, number: int, times: int = FAILURES, status: int = 500) -> None:
    for _ in range(times):
        pool.report(pool.credentials[number], *HERE, refused(status))


def firsts(pool: Pool, times: int) -> Counter[str | None]:
    return Counter(pool.order(*HERE)[0].key for _ in range(times))


def test_each_key_is_first_equally_often() -> None:
    pool, _ = pool_of("a", "b", "c")

    assert firsts(pool, 300) == {"a": 100, "b": 100, "c": 100}


def test_each_key_is_first_equally_often_for_models_that_take_turns() -> None:
    pool, _ = pool_of("a", "b")

    seen = [(model, pool.order("chat", model)[0].key) for _ in range(10) for model in ("x", "y")]

    assert set(Counter(seen).values()) == {5}


def test_a_resting_key_leaves_its_share_to_all_others_alike() -> None:
    pool, _ = pool_of("a", "b", "c")

    pool.report(pool.credentials[0], *HERE, refused(401))

    assert firsts(pool, 100) == {"b": 50, "c": 50}


def test_a_keyless_upstream_has_one_credential_without_a_key() -> None:
    pool, _ = pool_of()

    assert [credential.key for credential in pool.order(*HERE)] == [None]


def test_a_single_fit_key_costs_no_new_list() -> None:
    pool, _ = pool_of("a")

    assert pool.order(*HERE) is pool.credentials


def test_a_key_out_of_quota_is_left_out_until_its_time() -> None:
    pool, clock = pool_of("a", "b")

    pool.report(pool.credentials[0], *HERE, refused(429, retry_after=7))

    assert [one.key for one in pool.order(*HERE)] == ["b"]
    clock.now += 7
    assert {one.key for one in pool.order(*HERE)} == {"a", "b"}


def test_a_refused_key_is_dead_for_now_whatever_it_was_used_for() -> None:
    pool, clock = pool_of("a")

    pool.report(pool.credentials[0], *HERE, refused(401))

    assert not pool.order(*ELSEWHERE)
    clock.now += DEAD_FOR
    assert pool.order(*ELSEWHERE)


def test_rests_without_a_time_grow_to_a_limit() -> None:
    pool, clock = pool_of("a")
    (key,) = pool.credentials
    rests = []

    for _ in range(10):
        pool.report(key, *HERE, refused(429))
        rests.append(key.rests_until - clock.now)
        clock.now = key.rests_until

    assert rests[:3] == [REST_FIRST, 2 * REST_FIRST, 4 * REST_FIRST]
    assert rests[-1] == REST_MOST


def test_rests_have_jitter() -> None:
    ends = set()
    for random in (0.0, 1.0):
        pool = Pool(["a"], Clock(), lambda random=random: random)
        pool.report(pool.credentials[0], *HERE, refused(402))
        ends.add(pool.credentials[0].rests_until - Clock.now)

    assert ends == {0.75 * REST_FIRST, 1.25 * REST_FIRST}


def test_many_refusals_at_one_time_are_one_rest() -> None:
    pool, clock = pool_of("a")
    (key,) = pool.credentials

    for _ in range(50):
        pool.report(key, *HERE, refused(429))

    assert key.rests_until == clock.now + REST_FIRST


def test_a_retry_after_without_sense_is_capped() -> None:
    pool, clock = pool_of("a")

    pool.report(pool.credentials[0], *HERE, refused(429, retry_after=1e9))

    assert pool.credentials[0].rests_until == clock.now + RETRY_AFTER_MOST


def test_an_answer_ends_a_rest_but_not_one_that_began_after_its_question() -> None:
    pool, _ = pool_of("a")
    (key,) = pool.credentials
    before = key.refused
    pool.report(key, *HERE, refused(429, retry_after=60))

    pool.answered(key, *HERE, before)
    assert not pool.order(*HERE)

    pool.answered(key, *HERE, key.refused)
    assert pool.order(*HERE)


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 422])
def test_er4_a_client_error_rests_no_key_however_often(status: int) -> None:
    pool, _ = pool_of("a", "b")

    fail(pool, 0, 100, status)

    assert len(pool.order(*HERE)) == 2
    assert pool.credentials[0].breakers == {}


def test_an_error_of_our_own_rests_no_key() -> None:
    pool, _ = pool_of("a")

    assert not pool.report(pool.credentials[0], *HERE, Busy("full"))
    assert pool.order(*HERE) is pool.credentials


def test_failures_in_a_row_open_the_breaker_of_one_key_at_one_endpoint() -> None:
    pool, _ = pool_of("a", "b")

    fail(pool, 0)

    assert [one.key for one in pool.order(*HERE)] == ["b"]
    assert len(pool.order(*ELSEWHERE)) == 2
    assert len(pool.order("count_tokens", "m")) == 2


def test_failures_with_answers_between_them_open_nothing() -> None:
    pool, _ = pool_of("a")
    (key,) = pool.credentials

    for _ in range(10):
        fail(pool, 0, FAILURES - 1)
        pool.answered(key, *HERE, key.refused)

    assert pool.order(*HERE) is pool.credentials


def test_an_open_breaker_lets_one_exchange_try_and_closes_by_its_answer() -> None:
    pool, clock = pool_of("a")
    (key,) = pool.credentials
    fail(pool, 0)
    assert not pool.take(key, *HERE)

    clock.now += OPEN_FIRST

    assert [pool.take(key, *HERE) for _ in range(3)] == [True, False, False]
    pool.answered(key, *HERE, key.refused)
    assert pool.take(key, *HERE)


def test_a_breaker_that_is_tried_in_vain_stays_open_for_longer_to_a_limit() -> None:
    pool, clock = pool_of("a")
    (key,) = pool.credentials
    fail(pool, 0)
    opened = []

    for _ in range(8):
        clock.now = key.breakers[HERE].open_until
        assert pool.take(key, *HERE)
        fail(pool, 0, 1)
        opened.append(key.breakers[HERE].open_until - clock.now)

    assert opened[:2] == [2 * OPEN_FIRST, 4 * OPEN_FIRST]
    assert opened[-1] == OPEN_MOST


def test_failures_that_were_under_way_when_it_opened_change_nothing() -> None:
    pool, clock = pool_of("a")

    fail(pool, 0, 50)

    assert pool.credentials[0].breakers[HERE].open_until == clock.now + OPEN_FIRST


def test_a_trial_that_never_reports_is_followed_by_another() -> None:
    pool, clock = pool_of("a")
    fail(pool, 0)
    clock.now += OPEN_FIRST
    pool.take(pool.credentials[0], *HERE)

    clock.now += PROBE_FOR

    assert pool.take(pool.credentials[0], *HERE)


def test_an_upstream_that_nobody_reaches_is_so_for_all_its_keys() -> None:
    pool, _ = pool_of("a", "b", "c")

    for _ in range(FAILURES):
        pool.report(pool.credentials[0], *HERE, Unreachable("refused"))

    assert not pool.order(*HERE)


def test_the_least_tired_key_is_the_one_that_is_fit_first() -> None:
    pool, _ = pool_of("a", "b", "c")
    for credential, wait in zip(pool.credentials, (30, 10, 20), strict=True):
        pool.report(credential, *HERE, refused(429, retry_after=wait))

    assert pool.least_tired(*HERE).key == "b"


def test_people_are_told_who_rests_and_never_the_key() -> None:
    pool, _ = pool_of("sk-very-secret-1", "sk-very-secret-2", "sk-very-secret-3")
    pool.report(pool.credentials[1], *HERE, refused(429, retry_after=17))
    fail(pool, 2)

    told = [(one.key, one.seconds, one.why) for one in pool.resting()]

    assert told == [
        ("key 2", 17, "it got 429"),
        ("key 3", OPEN_FIRST, "chat of m kept failing"),
    ]
    assert "very-secret" not in repr((pool.order(*HERE), pool.resting(), pool.credentials))


def test_a_pool_goes_on_where_the_one_before_it_was() -> None:
    before, _ = pool_of("a", "b")
    before.report(before.credentials[1], *HERE, refused(429, retry_after=60))

    pool, _ = pool_of("b", "c", before=before)

    assert [one.key for one in pool.order(*HERE)] == ["c"]
    assert [one.label for one in pool.credentials] == ["key 1", "key 2"]
    before.report(before.credentials[0], *HERE, refused(401))
    assert [one.key for one in pool.order(*HERE)] == ["c"]
