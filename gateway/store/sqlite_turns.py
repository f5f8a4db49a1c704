"""Sealed turns in an SQLite file, for several processes, and for after a restart.

Thoughts of models stand in it in clear; only its user may read it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from attrs import define, field

from gateway.store.flags import StoreError

EXPIRES = 7 * 24 * 3600.0
"""Seconds after it was made until a turn is forgotten."""
WAITS = 5.0
"""Seconds to wait for another process that writes."""
MOST_TURNS = 100_000
AT_ONCE = 500
"""Keys in one question; older versions of SQLite take 999."""
TABLES = """
CREATE TABLE IF NOT EXISTS turns
  (id INTEGER PRIMARY KEY, origin TEXT NOT NULL, made REAL NOT NULL, turn BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS turn_keys (key BLOB PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS turns_made ON turns (made);
CREATE INDEX IF NOT EXISTS turns_origin ON turns (origin);
CREATE INDEX IF NOT EXISTS turn_keys_turn ON turn_keys (turn);
"""
HAS = "SELECT 1 FROM turns WHERE origin = ? LIMIT 1"
GET = (
    "SELECT key, turns.turn FROM turn_keys JOIN turns ON turns.id = turn_keys.turn"
    " WHERE made > ? AND key IN ({})"
)
PUT = "INSERT INTO turns (origin, made, turn) VALUES (?, ?, ?)"
PUT_KEY = "INSERT OR REPLACE INTO turn_keys VALUES (?, ?)"
FORGET = "DELETE FROM turns WHERE made < ? OR id <= ?"
FORGET_KEYS = "DELETE FROM turn_keys WHERE turn NOT IN (SELECT id FROM turns)"
FORGETS_EVERY = 100
"""Turns of one process between two times that it forgets old ones."""


@define(eq=False)
class SqliteTurns:
    """Turns in a file. `get` and `has` are called from one thread, and make no file."""

    path: Path
    clock: Callable[[], float] = time.time
    most: int = MOST_TURNS
    _reader: sqlite3.Connection | None = None
    _origins: set[str] = field(factory=set)
    _put: int = 0

    def has(self, origin: str) -> bool:
        if origin in self._origins:
            return True
        reader = self._open_reader()
        if reader is None or not self._asked(reader, HAS, (origin,)):
            return False
        self._origins.add(origin)
        return True

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        reader = self._open_reader()
        found: dict[bytes, bytes] = {}
        for at in range(0, len(keys) if reader else 0, AT_ONCE):
            some = keys[at : at + AT_ONCE]
            question = GET.format(",".join("?" * len(some)))
            assert reader is not None
            found.update(self._asked(reader, question, (self.clock() - EXPIRES, *some)))
        return found

    async def put(self, origin: str, keys: Sequence[bytes], turn: bytes) -> None:
        self._origins.add(origin)
        self._put += 1
        forgets = self._put % FORGETS_EVERY == 1
        await asyncio.to_thread(self._write, origin, keys, turn, forgets)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = None

    def _write(self, origin: str, keys: Sequence[bytes], turn: bytes, forgets: bool) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(_opened(self.path)) as connection, connection:
                number = connection.execute(PUT, (origin, self.clock(), turn)).lastrowid
                connection.executemany(PUT_KEY, [(key, number) for key in keys])
                if forgets:
                    oldest = (self.clock() - EXPIRES, (number or 0) - self.most)
                    connection.execute(FORGET, oldest)
                    connection.execute(FORGET_KEYS)
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def _open_reader(self) -> sqlite3.Connection | None:
        """A connection to the file; None as long as there is none."""
        if self._reader is None and self.path.exists():
            try:
                self._reader = _opened(self.path)
            except (sqlite3.Error, OSError) as error:
                raise self._failed(error) from error
        return self._reader

    def _asked(
        self, reader: sqlite3.Connection, question: str, values: Sequence[object]
    ) -> list[tuple[bytes, bytes]]:
        try:
            return reader.execute(question, values).fetchall()
        except sqlite3.Error as error:
            self.close()
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(
            f"the store {self.path} can't be used: {error}; make it so, name another file as url"
            ' under [store], or write seals = "memory" there'
        )


def _opened(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=WAITS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(TABLES)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
