"""Which failures another key or target may cure, and how much of the traffic may be retries."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import define, field

from gateway.attempt import Target
from gateway.errors import (
    Busy,
    GatewayError,
    LossRefused,
    NotOffered,
    Unreachable,
    UpstreamError,
)

OF_THE_KEY = frozenset({401, 402, 403, 429})
ELSEWHERE = OF_THE_KEY | {408}
"""Statuses below 500 that speak of the key or the moment, not of the request."""
SHARE = 0.2
"""Retries for each first attempt at an upstream, as in Finagle and Envoy."""
RESERVE = 10.0
"""Retries that an upstream gets in any case, so that little traffic can be retried too."""
REFILL = 1.0
"""Retries a second that come back to the reserve."""
MOST = 100.0

UNFIT = (LossRefused, NotOffered)
"""What another target may be fit for, and no other key of this one."""


def may_cure(error: GatewayError) -> bool:
    """Whether the next key or target is worth trying after `error`."""
    if isinstance(error, (*UNFIT, Busy)):
        return True
    if not isinstance(error, UpstreamError):
        return False
    return error.status >= 500 or error.status in ELSEWHERE


def rules_out(error: GatewayError, target: Target) -> str | None:
    """What not to try any more after `error`: an upstream, a target by its name, or nothing.

    No other key of the same upstream cures a refused loss, a lack of room, or that nobody answers.
    """
    if isinstance(error, UNFIT):
        return str(target)
    return target.upstream if isinstance(error, (Busy, Unreachable)) else None


def costs_a_retry(error: GatewayError) -> bool:
    """Whether to go on at the same upstream after `error` is more load for it.

    A key that was refused is set aside, so that each refusal happens once.
    """
    return isinstance(error, UpstreamError) and not _is_of_the_key(error)


@define(eq=False)
class Failures:
    """What an exchange has tried in vain so far.

    last: the newest failure. told: the newest that a client should hear of: a key of ours that was
    refused is not the client's concern as long as there is another reason. count: of failures.
    """

    last: GatewayError
    told: GatewayError = field(init=False)
    count: int = 0
    _asked: set[str] = field(factory=set)
    _ruled_out: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        self.told = self.last

    def add(self, error: GatewayError, target: Target) -> None:
        self.last, self.count = error, self.count + 1
        if not _is_of_the_key(error) or _is_of_the_key(self.told):
            self.told = error
        self._asked.add(target.upstream)
        out = rules_out(error, target)
        if out is not None:
            self._ruled_out.add(out)

    def leave(self, target: Target, budget: RetryBudget) -> bool:
        """Count one more attempt at a target; False when there is no use or no budget for it."""
        if target.upstream in self._ruled_out or str(target) in self._ruled_out:
            return False
        if target.upstream not in self._asked:
            budget.earn()
            return True
        if costs_a_retry(self.last) and not budget.spend():
            self._ruled_out.add(target.upstream)
            return False
        return True


@define(eq=False)
class RetryBudget:
    """How often an upstream may be asked again within an exchange: a share of its traffic.

    What is wrong with an upstream is not made worse by asking it several times as much.
    """

    clock: Callable[[], float] = time.monotonic
    left: float = RESERVE
    _seen: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._seen = self.clock()

    def earn(self) -> None:
        """Count the first attempt of an exchange."""
        if self.left < MOST:
            self.left += SHARE

    def spend(self) -> bool:
        """Count a retry; False when there may be none."""
        now = self.clock()
        if self.left < RESERVE:
            self.left = min(RESERVE, self.left + (now - self._seen) * REFILL)
        self._seen = now
        if self.left < 1.0:
            return False
        self.left -= 1.0
        return True


def _is_of_the_key(error: GatewayError) -> bool:
    return isinstance(error, UpstreamError) and error.status in OF_THE_KEY
