"""Small named values that all processes with one store share."""

from __future__ import annotations

from typing import Protocol


class StoreError(Exception):
    """The store can't be read or written; the message says which one, why, and what to do."""


class Flags(Protocol):
    """Values by name. What one process puts, every other gets from then on."""

    def get(self, name: str) -> str | None:
        """The value, at once: it is asked for while exchanges wait. None: there is none.

        Raises StoreError.
        """

    def put(self, name: str, value: str | None) -> None:
        """Keep a value; None forgets it. May wait for a disk, in any thread. Raises StoreError."""

    def close(self) -> None:
        """Let go of files. The flags may be used again."""
