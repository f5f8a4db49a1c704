"""Flags in a file, shared by whoever opens it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store.flags import StoreError
from gateway.store.sqlite import SqliteFlags


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state/gate.db"


@pytest.fixture
def flags(file: Path) -> Iterator[SqliteFlags]:
    with closing(SqliteFlags(file)) as flags:
        yield flags


def test_what_was_put_is_there_until_it_is_forgotten(flags: SqliteFlags):
    assert flags.get("a") is None

    flags.put("a", "1")
    flags.put("b", "2")
    flags.put("a", "3")
    assert (flags.get("a"), flags.get("b")) == ("3", "2")

    flags.put("a", None)
    assert (flags.get("a"), flags.get("b")) == (None, "2")


def test_looking_makes_no_file(flags: SqliteFlags, file: Path):
    assert flags.get("a") is None
    assert not file.parent.exists()


def test_only_its_user_may_read_it(flags: SqliteFlags, file: Path):
    flags.put("a", "1")

    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_every_other_sees_a_change_at_once(flags: SqliteFlags, file: Path):
    with closing(SqliteFlags(file)) as other:
        for value in ("1", "2", "3"):
            flags.put("a", value)
            assert other.get("a") == value


def test_a_value_may_be_put_in_any_thread(flags: SqliteFlags):
    flags.put("a", "1")
    assert flags.get("a") == "1"

    thread = threading.Thread(target=flags.put, args=("a", "2"))
    thread.start()
    thread.join()

    assert flags.get("a") == "2"


def test_a_reader_does_not_wait_for_a_writer(flags: SqliteFlags, file: Path):
    flags.put("a", "1")
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE flags SET value = '2'")

        assert flags.get("a") == "1"

        writer.execute("COMMIT")
    assert flags.get("a") == "2"


def test_a_file_that_was_taken_away_is_missed(flags: SqliteFlags, file: Path):
    flags.put("a", "1")
    assert flags.get("a") == "1"

    for path in file.parent.iterdir():
        path.unlink()
    assert flags.get("a") is None

    flags.put("a", "2")
    assert flags.get("a") == "2"


@pytest.mark.parametrize("use", [lambda flags: flags.get("a"), lambda flags: flags.put("a", "1")])
def test_a_file_that_is_no_store_is_told_of(flags: SqliteFlags, file: Path, use):
    file.parent.mkdir()
    file.write_text("Dear diary, " * 100)

    with pytest.raises(StoreError, match=r"the store .*gate\.db can't be used: file is not a data"):
        use(flags)


def test_a_folder_in_its_place_is_told_of(flags: SqliteFlags, file: Path):
    file.mkdir(parents=True)

    with pytest.raises(StoreError, match=r"name another file as url under \[store\]"):
        flags.put("a", "1")
