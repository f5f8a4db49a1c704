"""What proxy keys may use: requests and tokens in a time, and exchanges at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import define, field, frozen

from gateway.errors import GatewayError, LimitReached, Unavailable
from gateway.estimate import estimate_tokens
from gateway.settings import NO_LIMITS, Limits, Settings
from gateway.store.counts import Counts, LibraryCounts, SqliteCounts
from gateway.store.flags import StoreError
from gateway.store.place import path_of

if TYPE_CHECKING:
    from gateway.trial import Exchange

FREE = frozenset({"models", "model", "about", "count_tokens"})
"""Actions that no limit counts. Claude Code's /context sends 25 counts in 0.4 s (2.1, 2026-08)."""
SOON = 1.0
"""Seconds after which one of several exchanges may have ended; nobody knows better."""
Unit: TypeAlias = Literal["requests", "tokens"]


@frozen
class Rate:
    """A limit by time. name: that of the setting. window: seconds, called `period`."""

    name: str
    unit: Unit
    window: int
    period: str


RATES = (
    Rate("requests_per_minute", "requests", 60, "minute"),
    Rate("requests_per_day", "requests", 86_400, "day"),
    Rate("tokens_per_minute", "tokens", 60, "minute"),
    Rate("tokens_per_day", "tokens", 86_400, "day"),
)


@define(eq=False)
class Quota:
    """What one key may use, and what it uses now. under_way: its exchanges in this process."""

    id: str
    limits: Limits
    counts: Counts
    under_way: int = 0
    _rates: list[tuple[Rate, int]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.limit(self.limits)

    def limit(self, limits: Limits) -> None:
        """Let other limits hold from now on."""
        self.limits = limits
        said = [(rate, getattr(limits, rate.name)) for rate in RATES]
        self._rates = [(rate, most) for rate, most in said if most is not None]

    @contextmanager
    def spent_by(self, exchange: Exchange) -> Iterator[None]:
        """Count the exchange of the block, and when it ends its tokens.

        Raises LimitReached, and Unavailable where the store fails.
        """
        try:
            self._admit()
        except StoreError as error:
            raise Unavailable(str(error)) from None
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            self._charge(exchange)

    def _admit(self) -> None:
        most = self.limits.concurrent
        if most is not None and self.under_way >= most:
            raise LimitReached(
                f"key '{self.id}' may have {_number(most, 'exchange')} under way at once, and has;"
                " try again when one has ended",
                retry_after=SOON,
            )
        for rate, allowed in self._rates:
            used, ends = self.counts.so_far(self._name(rate))
            if used >= allowed:
                raise self._reached(rate, allowed, ends)
        for rate, allowed in self._rates:
            if rate.unit == "requests":
                used = self.counts.add(self._name(rate), rate.window)
                if used > allowed:  # another process was faster
                    raise self._reached(rate, allowed, self.counts.so_far(self._name(rate))[1])

    def _charge(self, exchange: Exchange) -> None:
        rates = [rate for rate, _ in self._rates if rate.unit == "tokens"]
        tokens = tokens_of(exchange) if rates else 0
        try:
            for rate in rates if tokens else ():
                self.counts.add(self._name(rate), rate.window, tokens)
        except StoreError as error:
            from gateway.log import log

            log().error("tokens_not_counted", key=self.id, tokens=tokens, why=str(error))

    def _reached(self, rate: Rate, allowed: int, ends: float) -> LimitReached:
        verb = "send" if rate.unit == "requests" else "use"
        what = _number(allowed, rate.unit.removesuffix("s"))
        return LimitReached(
            f"key '{self.id}' may {verb} {what} a {rate.period}; try again in {_duration(ends)}",
            retry_after=ends,
        )

    def _name(self, rate: Rate) -> str:
        return f"{rate.name}/{self.id}"


@define(eq=False)
class Quotas:
    """The quotas of one configuration, by the id of their key; empty where nothing is limited."""

    by_key: Mapping[str, Quota]
    counts: Counts | None = None

    @classmethod
    def of(cls, settings: Settings, before: Quotas | None = None) -> Quotas:
        """Those of `settings`. What `before` has counted goes on, and so do its exchanges."""
        limited = [key for key in settings.proxy_keys.values() if key.limits != NO_LIMITS]
        if not limited:
            return cls({})
        counts = _counts(settings, before.counts if before else None)
        found: dict[str, Quota] = {}
        for key in limited:
            quota = before.by_key.get(key.id) if before else None
            quota = quota or Quota(key.id, key.limits, counts)
            quota.counts = counts
            quota.limit(key.limits)
            found[key.id] = quota
        return cls(found, counts)

    def close(self, successor: Quotas | None = None) -> None:
        """Let go of files, unless `successor` counts on in them."""
        if self.counts is not None and (successor is None or successor.counts is not self.counts):
            self.counts.close()


def _counts(settings: Settings, before: Counts | None) -> Counts:
    """Where to count: where it was done before, if that is the same place."""
    if settings.store_url is None or not settings.share_limits:
        return before if isinstance(before, LibraryCounts) else LibraryCounts.in_memory()
    path = path_of(settings.store_url)
    same = isinstance(before, SqliteCounts) and before.path == path
    return before if before is not None and same else SqliteCounts(path)


def tokens_of(exchange: Exchange) -> int:
    """What an exchange has used: as its provider says, or as its request looks.

    Nothing for one that was not answered.
    """
    record = exchange.record
    usage = record.usage
    read, written = (usage.input, usage.output or 0) if usage else (None, 0)
    if read is not None or record.first_byte is None:
        return (read or 0) + written
    try:
        return estimate_tokens(exchange.parsed()) + written
    except GatewayError:  # relayed, and understood by the provider alone
        return written


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _duration(seconds: float) -> str:
    """For people, rounded up: "12 s", "5 min", "3 h"."""
    for size, unit, up_to in ((1, "s", 120), (60, "min", 7200)):
        if seconds <= up_to:
            return f"{max(1, math.ceil(seconds / size))} {unit}"
    return f"{math.ceil(seconds / 3600)} h"
