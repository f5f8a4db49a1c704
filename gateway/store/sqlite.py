"""The store in an SQLite file. It is made when something is first kept, never by looking."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from attrs import define

from gateway.store.flags import StoreError

WAITS = 5.0
"""Seconds to wait for another process that writes."""
TABLE = "CREATE TABLE IF NOT EXISTS flags (name TEXT PRIMARY KEY, value TEXT NOT NULL)"
GET = "SELECT value FROM flags WHERE name = ?"
PUT = "INSERT INTO flags VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
FORGET = "DELETE FROM flags WHERE name = ?"
Identity = tuple[int, int]


@define(eq=False)
class SqliteFlags:
    """Flags in a file. Readers never wait for writers (write-ahead log)."""

    path: Path
    _reader: sqlite3.Connection | None = None
    _read: Identity | None = None

    def get(self, name: str) -> str | None:
        """From one thread only."""
        try:
            reader = self._current_reader()
            found = reader.execute(GET, (name,)).fetchone() if reader else None
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error
        return str(found[0]) if found else None

    def put(self, name: str, value: str | None) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(opened(self.path)) as connection, connection:
                if value is None:
                    connection.execute(FORGET, (name,))
                else:
                    connection.execute(PUT, (name, value))
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from error

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._read = None

    def _current_reader(self) -> sqlite3.Connection | None:
        """A connection to the file that is there now; None without a file."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self.close()
            return None
        identity = (stat.st_dev, stat.st_ino)
        if self._read != identity:
            self.close()
            self._reader, self._read = opened(self.path), identity
        return self._reader

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(
            f"the store {self.path} can't be used: {error}; make it so, or name another file as"
            f" url under [store]"
        )


def opened(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=WAITS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
