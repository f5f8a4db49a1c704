"""Opening the SQLite file of the store: for its owner alone, with readers that never wait."""

from __future__ import annotations

import sqlite3
from pathlib import Path

WAITS = 5.0
"""Seconds to wait for another process that writes."""


def opened(path: Path, tables: str) -> sqlite3.Connection:
    """A connection to the file, made if need be, with `tables` in it; for one thread at a time.

    Raises sqlite3.Error, OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=WAITS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(tables)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def unusable(path: Path, error: Exception) -> str:
    """What to tell people about a store that can't be used."""
    return (
        f"the store {path} can't be used: {error}; make it so, or name another file as url under"
        " [store]"
    )
