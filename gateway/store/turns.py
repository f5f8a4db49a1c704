"""Sealed turns by their keys: what is kept of them, for how long, and how much of it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from attrs import define, field

EXPIRES = 24 * 3600.0
"""Seconds after its last use until a turn in memory is forgotten."""
MOST_BYTES = 64 << 20
"""Of all turns in memory, with `OVERHEAD` for each."""
OVERHEAD = 500


class Turns(Protocol):
    """Turns of all conversations. Nobody but the vault knows what a key stands for."""

    def has(self, origin: str) -> bool:
        """Whether anything of `origin` may be there: asked before each exchange, at once.

        Raises StoreError.
        """

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """The turns of those of `keys` that are known. Raises StoreError."""

    async def put(self, origin: str, keys: Sequence[bytes], turn: bytes) -> None:
        """Keep `turn` under each of `keys`, in the place of what they led to. Raises StoreError."""

    def close(self) -> None:
        """Let go of files. The turns may be used again."""


@define
class _Entry:
    turn: bytes
    keys: Sequence[bytes]
    until: float


@define(eq=False)
class MemoryTurns:
    """Turns of this process. The one that was not used for longest makes room for a new one."""

    most: int = MOST_BYTES
    clock: Callable[[], float] = time.monotonic
    _entries: OrderedDict[int, _Entry] = field(factory=OrderedDict)
    _numbers: dict[bytes, int] = field(factory=dict)
    _origins: set[str] = field(factory=set)
    _next: int = 0
    _size: int = 0

    def has(self, origin: str) -> bool:
        return origin in self._origins

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        now = self.clock()
        found = {}
        for key in keys:
            number = self._numbers.get(key)
            entry = self._entries.get(number) if number is not None else None
            if number is None or entry is None or entry.until < now:
                continue
            entry.until = now + EXPIRES
            self._entries.move_to_end(number)
            found[key] = entry.turn
        return found

    async def put(self, origin: str, keys: Sequence[bytes], turn: bytes) -> None:
        now = self.clock()
        self._origins.add(origin)
        self._next += 1
        self._entries[self._next] = _Entry(turn, keys, now + EXPIRES)
        self._numbers.update(dict.fromkeys(keys, self._next))
        self._size += len(turn) + OVERHEAD
        while self._entries and (self._size > self.most or self._oldest.until < now):
            self._forget()
        if not self._entries:
            self._origins.clear()

    def close(self) -> None:
        pass

    @property
    def _oldest(self) -> _Entry:
        return next(iter(self._entries.values()))

    def _forget(self) -> None:
        number, entry = self._entries.popitem(last=False)
        self._size -= len(entry.turn) + OVERHEAD
        for key in entry.keys:
            if self._numbers.get(key) == number:
                del self._numbers[key]
