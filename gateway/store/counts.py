"""Counts of what is used, each within a window that begins with the first that it counts."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import define, field

from gateway.store.flags import StoreError
from gateway.store.opening import opened

if TYPE_CHECKING:
    from limits.storage import Storage

TABLE = (
    "CREATE TABLE IF NOT EXISTS counts"
    " (name TEXT PRIMARY KEY, amount INTEGER NOT NULL, ends REAL NOT NULL)"
)
ADD = (
    "INSERT INTO counts VALUES (:name, :amount, :ends) ON CONFLICT (name) DO UPDATE SET"
    " amount = excluded.amount + CASE WHEN ends > :now THEN amount ELSE 0 END,"
    " ends = CASE WHEN ends > :now THEN ends ELSE excluded.ends END RETURNING amount"
)
SO_FAR = "SELECT amount, ends FROM counts WHERE name = :name AND ends > :now"


class Counts(Protocol):
    """Sums by name. Asked while exchanges wait, so every answer comes at once."""

    def add(self, name: str, window: int, amount: int = 1) -> int:
        """Count, and give the sum in this window. window: seconds, if one begins now.

        Raises StoreError.
        """

    def so_far(self, name: str) -> tuple[int, float]:
        """The sum in the window, and the seconds until it ends; 0 and 0 where none has begun.

        Raises StoreError.
        """

    def close(self) -> None:
        """Let go of files."""


@define(eq=False)
class LibraryCounts:
    """Counts by the library `limits`: of this process, or wherever its storage keeps them."""

    storage: Storage

    @classmethod
    def in_memory(cls) -> LibraryCounts:
        """Counts of this process alone."""
        from limits.storage import MemoryStorage  # 60 ms, for those who set a limit

        return cls(MemoryStorage())

    def add(self, name: str, window: int, amount: int = 1) -> int:
        return self.storage.incr(name, window, amount)

    def so_far(self, name: str) -> tuple[int, float]:
        amount = self.storage.get(name)
        return amount, max(0.0, self.storage.get_expiry(name) - time.time()) if amount else 0.0

    def close(self) -> None:
        pass


@define(eq=False)
class SqliteCounts:
    """Counts in the store's file, for all processes that use it."""

    path: Path
    clock: Callable[[], float] = time.time
    _connection: sqlite3.Connection | None = field(default=None, init=False)

    def add(self, name: str, window: int, amount: int = 1) -> int:
        now = self.clock()
        values: dict[str, str | float]
        values = {"name": name, "amount": amount, "ends": now + window, "now": now}
        found = self._asked(ADD, values)
        assert found is not None
        return int(found[0])

    def so_far(self, name: str) -> tuple[int, float]:
        now = self.clock()
        found = self._asked(SO_FAR, {"name": name, "now": now})
        return (int(found[0]), found[1] - now) if found else (0, 0.0)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, statement: str, values: dict[str, str | float]) -> tuple[int, float] | None:
        try:
            if self._connection is None:
                self._connection = self._opened()
            row: tuple[int, float] | None = self._connection.execute(statement, values).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"what proxy keys have used can't be counted in {self.path}: {error}; make it so,"
                " or leave out share_limits under [store]"
            ) from error
        return row

    def _opened(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = opened(self.path, f"{TABLE};")
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = OFF")
        return connection
