"""Sealed turns in memory and in a file: found by every key, bounded, forgotten in time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import sqlite_turns, turns
from gateway.store.flags import StoreError
from gateway.store.sqlite_turns import SqliteTurns
from gateway.store.turns import MemoryTurns, Turns

Make = Callable[..., Turns]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state/gate.db"


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, clock: Clock, file: Path) -> Iterator[Turns]:
    made: Turns = (
        MemoryTurns(clock=clock) if request.param == "memory" else SqliteTurns(file, clock)
    )
    with closing(made):
        yield made


async def test_a_turn_is_found_by_each_of_its_keys(kept: Turns):
    await kept.put("o", [b"a", b"b"], b"turn")

    assert kept.get([b"a", b"x"]) == {b"a": b"turn"}
    assert kept.get([b"b"]) == {b"b": b"turn"}
    assert kept.get([]) == {}


async def test_only_origins_with_turns_are_there(kept: Turns):
    assert not kept.has("o")

    await kept.put("o", [b"a"], b"turn")

    assert kept.has("o")
    assert not kept.has("other")


async def test_a_key_leads_to_the_newest_turn_and_the_others_stay(kept: Turns):
    await kept.put("o", [b"a", b"b"], b"old")
    await kept.put("o", [b"a"], b"new")

    assert kept.get([b"a", b"b"]) == {b"a": b"new", b"b": b"old"}


async def test_a_turn_is_forgotten_in_time(kept: Turns, clock: Clock):
    await kept.put("o", [b"a"], b"turn")

    clock.now += max(turns.EXPIRES, sqlite_turns.EXPIRES) + 1

    assert kept.get([b"a"]) == {}


async def test_more_keys_than_one_question_takes_are_looked_up(kept: Turns):
    keys = [str(number).encode() for number in range(1200)]
    await kept.put("o", keys, b"turn")

    assert len(kept.get(keys)) == 1200


async def test_in_memory_use_keeps_a_turn_and_its_absence_makes_room(clock: Clock):
    kept = MemoryTurns(most=3 * (turns.OVERHEAD + 4), clock=clock)
    for name in (b"a", b"b", b"c"):
        await kept.put("o", [name], b"turn")
    kept.get([b"a"])

    await kept.put("o", [b"d"], b"turn")

    assert set(kept.get([b"a", b"b", b"c", b"d"])) == {b"a", b"c", b"d"}


async def test_a_turn_larger_than_the_whole_memory_leaves_nothing_behind(clock: Clock):
    kept = MemoryTurns(most=100, clock=clock)

    await kept.put("o", [b"a"], b"turn")

    assert kept.get([b"a"]) == {}
    assert not kept.has("o")


async def test_a_file_outlives_its_process_and_is_shared(file: Path, clock: Clock):
    with closing(SqliteTurns(file, clock)) as one, closing(SqliteTurns(file, clock)) as other:
        assert not other.has("o")
        await one.put("o", [b"a"], b"turn")
        assert other.has("o")
        assert other.get([b"a"]) == {b"a": b"turn"}
    assert modes(file, file.parent) == [0o600, 0o700]


def modes(*paths: Path) -> list[int]:
    return [path.stat().st_mode & 0o777 for path in paths]


async def test_looking_makes_no_file(file: Path):
    with closing(SqliteTurns(file)) as kept:
        assert not kept.has("o")
        assert kept.get([b"a"]) == {}

    assert not file.parent.exists()


async def test_a_file_holds_no_more_than_it_may(file: Path, clock: Clock):
    with closing(SqliteTurns(file, clock, most=10)) as kept:
        for number in range(sqlite_turns.FORGETS_EVERY + 1):
            await kept.put("o", [str(number).encode()], b"turn")

    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT count(*) FROM turns").fetchone()
        keys = connection.execute("SELECT count(*) FROM turn_keys").fetchone()
    assert rows == keys == (10,)


async def test_many_writers_wait_for_each_other(file: Path):
    writers = [SqliteTurns(file) for _ in range(4)]

    puts = [
        writer.put("o", [f"{at}.{number}".encode()], b"turn")
        for at, writer in enumerate(writers)
        for number in range(5)
    ]
    await asyncio.gather(*puts)

    with closing(SqliteTurns(file)) as kept:
        keys = [f"{at}.{number}".encode() for at in range(4) for number in range(5)]
        assert len(kept.get(keys)) == 20


async def test_a_file_that_is_no_store_says_so(tmp_path: Path):
    (tmp_path / "bad").write_bytes(b"this is no database, and long enough to be seen as none" * 99)

    with closing(SqliteTurns(tmp_path / "bad")) as kept:
        with pytest.raises(StoreError, match="can't be used"):
            kept.has("o")
        with pytest.raises(StoreError, match=r'seals = "memory"'):
            await kept.put("o", [b"a"], b"turn")
