"""Usage in a file keeps every law of usage, and what files add to it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.flags import StoreError
from gateway.store.sqlite import SqliteFlags
from gateway.store.sqlite_usage import SqliteUsage
from gateway.store.usage import Span
from gateway.testing.stores import UsageStoreLaws, row


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state/gate.db"


@pytest.fixture
def store(file: Path) -> Iterator[SqliteUsage]:
    with closing(SqliteUsage(file)) as store:
        yield store


class TestUsageStoreLaws(UsageStoreLaws):
    """The laws, for SQLite."""


def test_looking_makes_no_file(store: SqliteUsage, file: Path):
    store.sums(["day"], Span())
    store.delete(0)

    assert not file.exists()


def test_the_file_is_its_owners_alone(store: SqliteUsage, file: Path):
    store.add([row()])

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_flags_and_usage_share_a_file(store: SqliteUsage, file: Path):
    with closing(SqliteFlags(file)) as flags:
        flags.put("a", "1")
        store.add([row()])

        assert flags.get("a") == "1"
    assert len(store.sums([], Span())) == 1


def test_several_processes_may_write(store: SqliteUsage, file: Path):
    with closing(SqliteUsage(file)) as other:
        store.add([row()])
        other.add([row()])
        store.add([row()])

        assert [one.exchanges for one in other.sums([], Span())] == [3]


def test_a_file_that_was_taken_away_is_made_anew(store: SqliteUsage, file: Path):
    store.add([row()])
    for each in file.parent.iterdir():
        each.unlink()

    store.add([row()])

    assert [one.exchanges for one in store.sums([], Span())] == [1]


def test_a_file_that_is_no_database_is_named(store: SqliteUsage, file: Path):
    file.parent.mkdir()
    file.write_text("not a database, and long enough to be looked at by SQLite as one")

    with pytest.raises(StoreError, match=r"gate\.db can't be used: file is not a database"):
        store.add([row()])
