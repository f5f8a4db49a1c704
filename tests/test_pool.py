"""Keys: turns, rests, and what does not rest a key."""

from __future__ import annotations

from gateway.errors import UpstreamError
from gateway.pool import DEAD_FOR, REST_FOR, Pool


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_key_is_first_equally_often() -> None:
    pool = Pool(["a", "b", "c"], Clock())

    firsts = [pool.order()[0].key for _ in range(300)]

    assert {key: firsts.count(key) for key in "abc"} == {"a": 100, "b": 100, "c": 100}


def test_a_keyless_upstream_has_one_credential_without_a_key() -> None:
    assert [credential.key for credential in Pool([]).order()] == [None]


def test_a_key_out_of_quota_comes_last_until_its_time() -> None:
    clock = Clock()
    pool = Pool(["a", "b"], clock)
    tired = pool.order()[0]

    pool.report(tired, UpstreamError("slow down", status=429, retry_after=7))

    assert [pool.order()[0].key for _ in range(3)] == ["b", "b", "b"]
    clock.now += 7
    assert {pool.order()[0].key for _ in range(2)} == {"a", "b"}


def test_a_refused_key_rests_longer_than_one_out_of_quota() -> None:
    clock = Clock()
    pool = Pool(["a", "b"], clock)
    dead, tired = pool.order()

    pool.report(dead, UpstreamError("bad key", status=401))
    pool.report(tired, UpstreamError("quota", status=402))

    assert dead.rests_until == clock.now + DEAD_FOR
    assert tired.rests_until == clock.now + REST_FOR
    assert pool.order()[0] is tired


def test_er4_a_client_error_rests_no_key() -> None:
    pool = Pool(["a", "b"], Clock())
    first = pool.order()[0]

    for status in (400, 404, 413, 422, 500, 503):
        pool.report(first, UpstreamError("no", status=status))

    assert first.rests_until == 0


def test_no_repr_shows_a_key() -> None:
    assert "sk-very-secret" not in repr(Pool(["sk-very-secret"]).order())
