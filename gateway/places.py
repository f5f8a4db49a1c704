"""Room at an upstream: so many exchanges at a time, and so many more that wait for a place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.errors import Busy

TRY_AGAIN = 1.0
"""Seconds after which a place may have become free; nobody knows better."""


class Places:
    """The places of one upstream. Who waits gets one in the order of arrival.

    most: exchanges at a time. queue: how many may wait. patience: seconds that each does.
    """

    def __init__(self, upstream: str, most: int, queue: int, patience: float) -> None:
        self.bounds = (most, queue, patience)
        self.waiting = 0
        self._upstream = upstream
        self._free = asyncio.Semaphore(most)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Hold a place for the length of the block. Raises Busy."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        _, queue, patience = self.bounds
        if self.waiting >= queue:
            raise self._busy(f"and {self.waiting} more wait" if queue else "and none may wait")
        self.waiting += 1
        try:
            async with asyncio.timeout(patience):
                await self._free.acquire()
        except TimeoutError:
            raise self._busy(f"and no place came free in {patience:g} s") from None
        finally:
            self.waiting -= 1

    def _busy(self, why: str) -> Busy:
        return Busy(
            f"upstream '{self._upstream}' is busy: as much is under way there as may be"
            f" (max_concurrent = {self.bounds[0]}), {why}; try again",
            retry_after=TRY_AGAIN,
        )
