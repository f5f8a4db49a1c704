"""What a proxy key may use: who is let in, what is charged, and what a reload keeps."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from attrs import define, field

from gateway.context import Record
from gateway.errors import LimitReached, Unavailable
from gateway.events import Usage
from gateway.model import ChatRequest, Message, Text
from gateway.quotas import Quota, Quotas, tokens_of
from gateway.settings import Limits, ProxyKey, Settings
from gateway.store.counts import LibraryCounts, SqliteCounts
from gateway.store.flags import StoreError

REQUEST = ChatRequest(model="m", messages=[Message("user", [Text("word " * 400)])])


@define
class Windows:
    """Counts whose windows never end: 30 s are left of each."""

    sums: dict[str, int] = field(factory=dict)

    def add(self, name: str, window: int, amount: int = 1) -> int:
        self.sums[name] = self.sums.get(name, 0) + amount
        return self.sums[name]

    def so_far(self, name: str) -> tuple[int, float]:
        return (self.sums[name], 30.5) if name in self.sums else (0, 0.0)

    def close(self) -> None:
        raise AssertionError("nothing to close")


class Broken(Windows):
    def so_far(self, name: str) -> tuple[int, float]:
        raise StoreError("the disk is full")


def exchange(usage: Usage | None = None, answered: bool = True):
    """As much of an exchange as a quota looks at."""
    record = Record("e", 0.0, "/chat", "openai", usage=usage, first_byte=1.0 if answered else None)
    return SimpleNamespace(record=record, parsed=lambda: REQUEST)


def quota(**limits: int) -> Quota:
    return Quota("anna", Limits(**limits), Windows())


def spend(of: Quota, usage: Usage | None = None, answered: bool = True) -> None:
    with of.spent_by(exchange(usage, answered)):
        pass


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"requests_per_minute": 1}, "key 'anna' may send 1 request a minute; try again in 31 s"),
        ({"requests_per_day": 1}, "key 'anna' may send 1 request a day; try again in 31 s"),
        ({"tokens_per_minute": 30}, "key 'anna' may use 30 tokens a minute; try again in 31 s"),
        ({"tokens_per_day": 30}, "key 'anna' may use 30 tokens a day; try again in 31 s"),
    ],
)
def test_who_has_used_all_hears_what_and_until_when(limits, words) -> None:
    anna = quota(**limits)
    spend(anna, Usage(input=20, output=10))

    with pytest.raises(LimitReached) as told:
        spend(anna)

    assert (told.value.message, told.value.retry_after) == (words, 30.5)
    assert (told.value.status, told.value.kind) == (429, "rate_limit")


def test_a_refused_request_uses_nothing() -> None:
    anna = quota(requests_per_minute=5, requests_per_day=1)
    spend(anna)

    for _ in range(3):
        with pytest.raises(LimitReached, match="a day"):
            spend(anna)

    assert anna.counts.so_far("requests_per_minute/anna")[0] == 1


def test_only_so_many_are_under_way_at_once() -> None:
    anna = quota(concurrent=2)

    with (
        anna.spent_by(exchange()),
        anna.spent_by(exchange()),
        pytest.raises(LimitReached, match="2 exchanges under way at once"),
    ):
        spend(anna)

    spend(anna)
    assert anna.under_way == 0


def test_an_exchange_that_fails_gives_its_place_back() -> None:
    anna = quota(concurrent=1)

    for _ in range(2):
        with pytest.raises(ValueError, match="no"), anna.spent_by(exchange()):
            raise ValueError("no")


def test_the_exchange_that_goes_over_is_charged_whole() -> None:
    anna = quota(tokens_per_minute=100)

    spend(anna, Usage(input=90, output=900))

    assert anna.counts.so_far("tokens_per_minute/anna")[0] == 990


@pytest.mark.parametrize(
    ("usage", "answered", "tokens"),
    [
        (Usage(input=7, output=5, cached_input=3, reasoning=2), True, 12),
        (Usage(input=7), True, 7),
        (Usage(input=7), False, 7),
        (None, False, 0),
    ],
)
def test_tokens_are_those_that_the_provider_says(usage, answered, tokens) -> None:
    assert tokens_of(exchange(usage, answered)) == tokens


@pytest.mark.parametrize("usage", [None, Usage(output=0)])
def test_tokens_that_nobody_says_are_estimated_of_what_was_answered(usage) -> None:
    assert 300 < tokens_of(exchange(usage)) < 800


def test_a_store_that_fails_lets_nobody_in() -> None:
    anna = Quota("anna", Limits(requests_per_minute=9), Broken())

    with pytest.raises(Unavailable, match="the disk is full"):
        spend(anna)


def settings(limits: Limits, **more: object) -> Settings:
    keys = {"anna": ProxyKey("anna", "0" * 64, limits=limits), "bert": ProxyKey("bert", "1" * 64)}
    return Settings(proxy_keys=keys, **more)  # type: ignore[arg-type]


def test_who_has_no_limits_has_no_quota() -> None:
    assert list(Quotas.of(settings(Limits(concurrent=1))).by_key) == ["anna"]
    nothing = Quotas.of(settings(Limits()))
    assert (nothing.by_key, nothing.counts) == ({}, None)


def test_a_reload_changes_limits_and_keeps_counts_and_what_is_under_way() -> None:
    before = Quotas.of(settings(Limits(requests_per_minute=1, concurrent=2)))
    anna = before.by_key["anna"]
    running = anna.spent_by(exchange())
    running.__enter__()

    after = Quotas.of(settings(Limits(requests_per_minute=2, concurrent=1)), before)

    with pytest.raises(LimitReached, match="1 exchange under way"):
        spend(after.by_key["anna"])
    running.__exit__(None, None, None)
    spend(after.by_key["anna"])
    with pytest.raises(LimitReached, match="2 requests a minute"):
        spend(after.by_key["anna"])


def test_limits_are_counted_in_the_store_where_that_is_asked_for(tmp_path) -> None:
    url = f"sqlite:///{tmp_path}/b.db"
    limits = Limits(requests_per_minute=1)

    here = Quotas.of(settings(limits, store_url=url))
    shared = Quotas.of(settings(limits, store_url=url, share_limits=True), here)
    again = Quotas.of(settings(limits, store_url=url, share_limits=True), shared)
    other = Quotas.of(settings(limits, store_url=url, share_limits=True))

    assert isinstance(here.counts, LibraryCounts)
    assert isinstance(shared.counts, SqliteCounts)
    assert again.counts is shared.counts
    spend(shared.by_key["anna"])
    with pytest.raises(LimitReached):
        spend(other.by_key["anna"])
    shared.close(again)
    for quotas in (again, other):
        quotas.close()
