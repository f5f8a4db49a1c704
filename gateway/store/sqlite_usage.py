"""Usage in the SQLite file of the store: a table, written in batches."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
from attrs import define

from gateway.store.flags import StoreError
from gateway.store.opening import opened, unusable
from gateway.store.usage import Key, Span, UsageRow, UsageSum

Given = TypeVar("Given")
KINDS: Mapping[str, str] = {
    "started": "REAL NOT NULL",
    **dict.fromkeys(("first_byte", "ended", "cost"), "REAL"),
    **dict.fromkeys(
        ("stream", "relayed", "retries", "status", "lost_meaning", "lost_hints"), "INT"
    ),
    **dict.fromkeys(("input", "cached_input", "cache_write", "output", "reasoning"), "INT"),
}
"""Types of columns that hold no text."""
DEFINED = ", ".join(f'"{name}" {KINDS.get(name, "TEXT")}' for name in UsageRow._fields)
TABLE = f"""
CREATE TABLE IF NOT EXISTS usage ({DEFINED});
CREATE INDEX IF NOT EXISTS usage_started ON usage (started);
"""
INSERT = f"INSERT INTO usage VALUES ({', '.join('?' * len(UsageRow._fields))})"  # noqa: S608 - no values
DAY = "date(started, 'unixepoch')"
FAILED = "status >= 400 OR error IS NOT NULL"
SUMS = f"""
count(*), count(*) FILTER (WHERE {FAILED}), coalesce(sum(input), 0), coalesce(sum(cached_input), 0),
coalesce(sum(output), 0), sum(cost), avg(ended - started), avg(first_byte - started)
"""


@define(eq=False)
class SqliteUsage:
    """Usage in a file, which is made when the first rows come."""

    path: Path
    _connection: sqlite3.Connection | None = None

    def add(self, rows: Sequence[UsageRow]) -> None:
        values = [row if row.counts is None else _with_text(row) for row in rows]

        def insert(connection: sqlite3.Connection) -> None:
            try:
                connection.executemany(INSERT, values)
            except UnicodeEncodeError:
                connection.rollback()
                connection.executemany(INSERT, map(_sayable, values))

        self._with_file(insert)

    def sums(self, keys: Sequence[Key], span: Span) -> list[UsageSum]:
        if not self.path.exists():
            return []
        columns = [_column(key) for key in keys]
        where, values = _where(span)
        grouped = ", ".join(str(number + 1) for number in range(len(columns)))
        query = f"SELECT {', '.join([*columns, SUMS])} FROM usage {where}"  # noqa: S608 - our own words
        if columns:
            query += f" GROUP BY {grouped} ORDER BY {grouped}"
        rows = self._with_file(lambda connection: connection.execute(query, values).fetchall())
        return [UsageSum(row[: len(keys)], *row[len(keys) :]) for row in rows if row[len(keys)]]

    def delete(self, before: float) -> int:
        if not self.path.exists():
            return 0
        order = "DELETE FROM usage WHERE started < ?"
        return self._with_file(lambda connection: connection.execute(order, (before,)).rowcount)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _with_file(self, work: Callable[[sqlite3.Connection], Given]) -> Given:
        """Do `work` in one transaction. A file that was moved away is made anew."""
        try:
            if self._connection is None or not self.path.exists():
                self.close()
                self._connection = opened(self.path, TABLE)
            with self._connection:
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise StoreError(unusable(self.path, error)) from error


def _sayable(values: Sequence[object]) -> tuple[object, ...]:
    """`values`, with "?" for lone surrogates, which are no text for a database."""
    return tuple(
        one.encode("utf-8", "replace").decode() if isinstance(one, str) else one for one in values
    )


def _with_text(row: UsageRow) -> tuple[object, ...]:
    return (*row[:-1], orjson.dumps(row.counts).decode())


def _column(key: Key) -> str:
    return DAY if key == "day" else f'"{key}"'


def _where(span: Span) -> tuple[str, list[object]]:
    conditions: list[tuple[str, object]] = []
    if span.since is not None:
        conditions.append(("started >= ?", span.since))
    if span.until is not None:
        conditions.append(("started < ?", span.until))
    conditions += [(f"{_column(key)} = ?", value) for key, value in span.where.items()]
    if not conditions:
        return "", []
    return f"WHERE {' AND '.join(text for text, _ in conditions)}", [
        value for _, value in conditions
    ]
