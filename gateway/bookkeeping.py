"""The books: a row of each exchange goes to the usage store, in batches and beside the exchanges.

An exchange only leaves its record on a list. Twice a second the list becomes rows, in a thread of
its own; so a kill loses at most that much, and a slow disk makes nobody wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path

from attrs import define, field

from gateway.context import Record
from gateway.events import Usage
from gateway.log import cut_secrets, log
from gateway.store.flags import StoreError
from gateway.store.usage import UsageRow, UsageStore

EVERY = 0.5
"""Seconds between writes."""
EVERY_WHILE_BROKEN = 10.0
HELD = 100_000
"""Rows that wait at most while the store can't be written; older ones are lost, and it is said."""
PURGE_EVERY = 3600.0
LONGEST_ERROR = 500
Prices = Callable[[str], Mapping[str, float]]


@define(eq=False)
class Books:
    """What goes to the store at `path`. kept_for: seconds; older rows are deleted.

    prices: of a target ("upstream/model"), per million tokens: input, cached, cache_write, output.
    """

    path: Path
    store: UsageStore
    kept_for: float
    prices: Prices
    _records: list[Record] = field(factory=list)
    _thread: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(1, "usage"))
    _writing: asyncio.Task[None] | None = None
    _every: float = EVERY
    _purged: float = 0.0
    _lost: int = 0

    def add(self, record: Record) -> None:
        """Keep `record`, which has ended. Costs an exchange next to nothing."""
        self._records.append(record)
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def close(self) -> None:
        """Write what is left."""
        writing = self._writing
        if writing is not None:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        await self._write()
        await asyncio.get_running_loop().run_in_executor(self._thread, self.store.close)
        self._thread.shutdown()

    async def _write_soon(self) -> None:
        try:
            while self._records:
                await asyncio.sleep(self._every)
                await asyncio.shield(self._write())
        finally:
            self._writing = None

    async def _write(self) -> None:
        records, self._records = self._records, []
        if records:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._keep, records)

    def _keep(self, records: list[Record]) -> None:
        try:
            self.store.add([row_of(record, self.prices) for record in records])
            self._every = EVERY
            self._purge()
        except StoreError as error:
            self._every = EVERY_WHILE_BROKEN
            self._lost += max(0, len(records) - HELD)
            self._records[:0] = records[-HELD:]
            log().error("usage_not_kept", why=str(error), waiting=len(records), lost=self._lost)

    def _purge(self) -> None:
        now = time.time()
        if now >= self._purged + PURGE_EVERY:
            self._purged = now
            self.store.delete(now - self.kept_for)


def row_of(record: Record, prices: Prices) -> UsageRow:
    """The row of an exchange that ended."""
    usage, losses, error = record.usage, record.losses, record.error
    meaning = sum(loss.weight == "meaning" for loss in losses) if losses else 0
    told = (
        cut_secrets(error)[:LONGEST_ERROR] if error else None,
        record.retries,
        *(TOKENS(usage) if usage else NO_TOKENS),
        cost(usage, prices(record.target)) if usage and record.target else None,
        meaning,
        len(losses) - meaning,
        record.counts or None,
    )
    return UsageRow._make((*FACTS(record), *told))


FACTS = attrgetter(
    *("exchange_id", "started", "first_byte", "ended", "endpoint", "dialect", "client"),
    *("group", "alias", "model", "target", "key_id", "stream", "relayed", "status", "finish"),
)
"""The fields of a record, in the order in which a row begins."""
TOKENS = attrgetter("input", "cached_input", "cache_write", "output", "reasoning", "source")
NO_TOKENS = (None,) * 6


def cost(usage: Usage | None, price: Mapping[str, float]) -> float | None:
    """What the tokens of one exchange cost; None where price or tokens are not known.

    price: per million tokens. What has no price of its own among cached input and cache writes
    costs what other input does.
    """
    if usage is None or not price:
        return None
    cached, written = usage.cached_input or 0, usage.cache_write or 0
    fresh = max(0, (usage.input or 0) - cached - written)
    tokens = {"input": fresh, "cached": cached, "cache_write": written, "output": usage.output or 0}
    usual = {"output": 0.0}
    each = {name: price.get(name, usual.get(name, price.get("input", 0.0))) for name in tokens}
    return sum(count * each[name] for name, count in tokens.items()) / 1e6
