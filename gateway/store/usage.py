"""What exchanges used: one row each, and sums of them. Every store of usage has this face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

from attrs import field, frozen

Key: TypeAlias = Literal[
    "day", "group", "alias", "model", "target", "key", "client", "dialect", "error", "finish"
]
"""What rows can be summed by. day: of the exchange's start, UTC, as 2026-11-25."""


class UsageRow(NamedTuple):
    """One exchange. Times are seconds since the epoch; None: it never came, or nobody said.

    key: the id of the proxy key, never the key. target: "upstream/model". model: as asked for.
    tokens_source: provider, estimated or mixed. cost: in the currency of the configured prices.
    lost_meaning, lost_hints: how many losses of each weight were recorded.
    counts: what plugins counted; None: nothing.
    """

    exchange_id: str
    started: float
    first_byte: float | None
    ended: float | None
    endpoint: str
    dialect: str
    client: str
    group: str | None
    alias: str | None
    model: str | None
    target: str | None
    key: str | None
    stream: bool
    relayed: bool
    status: int | None
    finish: str | None
    error: str | None
    retries: int
    input: int | None
    cached_input: int | None
    cache_write: int | None
    output: int | None
    reasoning: int | None
    tokens_source: str | None
    cost: float | None
    lost_meaning: int = 0
    lost_hints: int = 0
    counts: Mapping[str, int] | None = None


@frozen
class Span:
    """Which rows: started in [since, until), and equal to all of `where`. None: no bound."""

    since: float | None = None
    until: float | None = None
    where: Mapping[Key, str] = field(factory=dict)


@frozen
class UsageSum:
    """The sum of the rows that share `by`, in the order of the keys that were asked for.

    cost: None when no row has one. seconds, first_byte: means; None without rows that ended.
    """

    by: tuple[str | None, ...]
    exchanges: int
    failed: int
    input: int
    cached_input: int
    output: int
    cost: float | None
    seconds: float | None
    first_byte: float | None


class UsageStore(Protocol):
    """Keeps rows. Calls may wait for a disk; they come from one thread at a time."""

    def add(self, rows: Sequence[UsageRow]) -> None:
        """Keep all of `rows`, or none. Raises StoreError."""

    def sums(self, keys: Sequence[Key], span: Span) -> list[UsageSum]:
        """One sum for each set of values of `keys`, in the order of these. Raises StoreError."""

    def delete(self, before: float) -> int:
        """Forget rows that started before then; how many there were. Raises StoreError."""

    def close(self) -> None:
        """Let go of files. The store may be used again."""
