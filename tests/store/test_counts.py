"""Counts within windows: each kind keeps the same contract."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from gateway.store.counts import Counts, LibraryCounts, SqliteCounts
from gateway.store.flags import StoreError


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The time of both kinds: the library has no other way to be told it."""
    made = Clock()
    monkeypatch.setattr(time, "time", made)
    return made


@pytest.fixture(params=["library", "sqlite"])
def counts(request, tmp_path, clock) -> Counts:
    if request.param == "library":
        yield LibraryCounts.in_memory()
        return
    made = SqliteCounts(tmp_path / "state" / "b.db", clock)
    yield made
    made.close()


def test_what_was_counted_is_told_with_the_end_of_its_window(counts, clock) -> None:
    assert counts.so_far("a") == (0, 0.0)

    assert [counts.add("a", 60), counts.add("a", 60, 5)] == [1, 6]
    clock.now += 20

    assert counts.so_far("a") == (6, pytest.approx(40))
    assert counts.so_far("b") == (0, 0.0)


def test_a_window_begins_with_the_first_that_it_counts_and_then_anew(counts, clock) -> None:
    counts.add("a", 60, 5)
    clock.now += 59
    counts.add("a", 60, 5)
    clock.now += 1

    assert counts.so_far("a") == (0, 0.0)
    assert counts.add("a", 60) == 1
    assert counts.so_far("a") == (1, pytest.approx(60))


def test_two_processes_with_one_store_count_together(tmp_path) -> None:
    one, other = SqliteCounts(tmp_path / "b.db"), SqliteCounts(tmp_path / "b.db")

    with closing(one), closing(other):
        assert [one.add("a", 60), other.add("a", 60), one.add("a", 60)] == [1, 2, 3]


def test_a_store_that_can_not_be_used_says_what_to_do(tmp_path) -> None:
    (tmp_path / "b.db").write_text("no database, and long enough to be seen as none" * 9)

    with pytest.raises(StoreError, match=r"b\.db: .* leave out share_limits"):
        SqliteCounts(tmp_path / "b.db").add("a", 60)


def test_counts_and_flags_share_a_file(tmp_path) -> None:
    from gateway.store.sqlite import SqliteFlags

    flags, counts = SqliteFlags(tmp_path / "b.db"), SqliteCounts(tmp_path / "b.db")
    with closing(flags), closing(counts):
        flags.put("x", "y")
        counts.add("a", 60)
        assert flags.get("x") == "y"

    with closing(sqlite3.connect(tmp_path / "b.db")) as file:
        assert file.execute("SELECT name, amount FROM counts").fetchall() == [("a", 1)]
