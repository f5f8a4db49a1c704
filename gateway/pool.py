"""An upstream's keys: pick them in turn, rest one that is out of quota, set aside a dead one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from attrs import define, field

from gateway.errors import GatewayError

DEAD_FOR = 300.0
"""Seconds without a key that was refused (401, 403): it may be replaced, but not at once."""
REST_FOR = 20.0
"""Seconds of rest after a 402 or 429 that names no time."""
REST_AT_MOST = 3600.0


@define
class Credential:
    """One key of an upstream; `key` is None for a keyless one. Usable again from `rests_until`."""

    key: str | None = field(repr=False)
    rests_until: float = 0.0


class Pool:
    """The keys of one upstream, taken in turn so that each carries an equal share."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._credentials = [Credential(key) for key in keys] or [Credential(None)]
        self._next = 0
        self._clock = clock

    def order(self) -> list[Credential]:
        """Every credential, in the order to try now: the next in turn first, resting ones last.

        A resting key is still tried when nothing else is left: the provider knows best.
        """
        if len(self._credentials) == 1:
            return self._credentials
        turn = self._credentials[self._next :] + self._credentials[: self._next]
        self._next = (self._next + 1) % len(turn)
        now = self._clock()
        return sorted(turn, key=lambda credential: max(0.0, credential.rests_until - now))

    def report(self, credential: Credential, error: GatewayError) -> None:
        """Learn from a failure. Only what a provider says of the key itself rests it."""
        if error.status in (401, 403):
            credential.rests_until = self._clock() + DEAD_FOR
        elif error.status in (402, 429):
            wait = REST_FOR if error.retry_after is None else error.retry_after
            credential.rests_until = self._clock() + min(wait, REST_AT_MOST)
