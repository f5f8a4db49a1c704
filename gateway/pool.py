"""An upstream's keys: take them in turn, rest one that is out of quota, set aside a dead one.

Two things keep a key from being used. It rests when its provider refuses the key itself (401, 402,
403, 429), whatever it was used for. Its breaker opens when the upstream fails again and again at
one endpoint, and holds for that key and endpoint alone. Errors of a request (400, 404, …) do
neither.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import define, field

from gateway.errors import GatewayError, Unreachable, UpstreamError

DEAD_FOR = 300.0
"""Seconds without a key that was refused (401, 403): it may be replaced, but not at once."""
REST_FIRST, REST_MOST = 5.0, 300.0
"""Seconds of rest after a 402 or 429 that names no time: the first, doubled for each next one."""
RETRY_AFTER_MOST = 3600.0
"""However long a provider's Retry-After is."""
FAILURES = 5
"""Failures in a row that open a breaker, as in Envoy's outlier detection."""
OPEN_FIRST, OPEN_MOST = 10.0, 300.0
"""Seconds for which a breaker stays open: at first, doubled for each next time."""
PROBE_FOR = 30.0
"""Seconds that the one exchange which tries an open breaker again has it for itself."""
ENDPOINTS_KEPT = 1024
DEAD, SPENT, TIMEOUT = frozenset({401, 403}), frozenset({402, 429}), 408
Endpoint: TypeAlias = tuple[str, str]
"""What a key is used for at its upstream: the action ("chat") and the model's real name."""


@define
class Breaker:
    """Failures in a row of one key at one endpoint; open until `open_until`.

    times: opened so far. probing: an exchange tries now whether it may close.
    """

    failures: int = 0
    times: int = 0
    open_until: float = 0.0
    probing: bool = False


@define(eq=False)
class Credential:
    """One key of an upstream; `key` is None for a keyless one.

    label: how people are told of it. rests_until: by the pool's clock; why: the status of its
    refusal. refused: refusals so far; in_a_row: since it last answered. breakers: of the endpoints
    that have failed since they last answered.
    """

    key: str | None = field(repr=False)
    label: str = "key 1"
    number: int = 0
    rests_until: float = 0.0
    why: int = 0
    refused: int = 0
    in_a_row: int = 0
    breakers: dict[Endpoint, Breaker] = field(factory=dict)

    def is_fit(self, endpoint: Endpoint, now: float) -> bool:
        breaker = self.breakers.get(endpoint)
        return self.rests_until <= now and (breaker is None or breaker.open_until <= now)


@define
class Resting:
    """A key that is not used now. seconds: until it is again. why: for a person."""

    key: str
    seconds: float
    why: str


NOBODY: Sequence[Credential] = ()


class Pool:
    """The keys of one upstream, taken in turn so that each carries an equal share.

    before: the pool of the same upstream under the last configuration; keys that are in both keep
    their state. random: from 0 to 1, for the jitter of back-offs.
    """

    def __init__(
        self,
        keys: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = random.random,
        before: Pool | None = None,
    ) -> None:
        known = {one.key: one for one in before.credentials} if before else {}
        self.credentials: list[Credential] = [
            known.get(key) or Credential(key) for key in keys or (None,)
        ]
        for number, credential in enumerate(self.credentials):
            credential.number, credential.label = number, f"key {number + 1}"
        self._clock = clock
        self._random = random
        self._turns: dict[Endpoint, int] = {}

    def order(self, action: str, model: str) -> Sequence[Credential]:
        """The fit credentials in the order to try now: the next in turn first. May be empty.

        Every endpoint has turns of its own, so that no key gets all calls of one model.
        """
        if len(self.credentials) == 1:
            only = self.credentials[0]
            if not only.refused and not only.breakers:
                return self.credentials
        endpoint = (action, model)
        fit = self.fit(endpoint)
        if len(fit) < 2:
            return fit
        turn = self._turns.get(endpoint, 0)
        fit.sort(key=lambda one: (one.number - turn) % len(self.credentials))
        if len(self._turns) >= ENDPOINTS_KEPT:
            self._turns.clear()
        self._turns[endpoint] = fit[0].number + 1
        return fit

    def fit(self, endpoint: Endpoint) -> list[Credential]:
        """The credentials that may be used for it now, in their own order."""
        now = self._clock()
        return [one for one in self.credentials if one.is_fit(endpoint, now)]

    def take(self, credential: Credential, action: str, model: str) -> bool:
        """Take a credential for an attempt; False when it is not fit (any more).

        A breaker whose time is over lets one attempt through, and opens or closes by its end.
        """
        if not credential.refused and not credential.breakers:
            return True
        endpoint, now = (action, model), self._clock()
        if not credential.is_fit(endpoint, now):
            return False
        breaker = credential.breakers.get(endpoint)
        if breaker is not None and breaker.times:
            breaker.open_until, breaker.probing = now + PROBE_FOR, True
        return True

    def least_tired(self, action: str, model: str) -> Credential:
        """The credential that is fit again first: to ask when nobody else is left."""
        endpoint = (action, model)
        return min(self.credentials, key=lambda one: _fit_from(one, endpoint))

    def answered(self, credential: Credential, action: str, model: str, refused: int) -> None:
        """Learn from success. refused: `Credential.refused` when that attempt began, since an
        answer to an older attempt says nothing of a refusal that came meanwhile."""
        credential.breakers.pop((action, model), None)
        if credential.refused == refused:
            credential.rests_until = credential.refused = credential.in_a_row = 0

    def report(self, credential: Credential, action: str, model: str, error: GatewayError) -> bool:
        """Learn from a failure. Whether the credential is set aside from now on by it."""
        if not isinstance(error, UpstreamError):
            return False
        if error.status in DEAD or error.status in SPENT:
            return self._refuse(credential, error)
        if error.status < 500 and error.status != TIMEOUT:
            return False
        whose = self.credentials if isinstance(error, Unreachable) else (credential,)
        rests = [self._fail(one, (action, model)) for one in whose]
        return any(rests)

    def resting(self) -> list[Resting]:
        """Who is not used now, for people."""
        now = self._clock()
        found = []
        for one in self.credentials:
            if one.rests_until > now:
                found.append(Resting(one.label, one.rests_until - now, f"it got {one.why}"))
            found += [
                Resting(one.label, each.open_until - now, f"{action} of {model} kept failing")
                for (action, model), each in one.breakers.items()
                if each.open_until > now
            ]
        return found

    def _refuse(self, credential: Credential, error: UpstreamError) -> bool:
        """Rest it. What was under way when its rest began tells nothing new but a later end."""
        now = self._clock()
        begins = credential.rests_until <= now
        if begins:
            credential.in_a_row += 1
        credential.refused += 1
        until = now + self._rest(credential, error)
        if until > credential.rests_until:
            credential.rests_until, credential.why = until, error.status
        return begins and until > now

    def _rest(self, credential: Credential, error: UpstreamError) -> float:
        if error.status in DEAD:
            return DEAD_FOR
        if error.retry_after is not None:
            return min(max(error.retry_after, 0.0), RETRY_AFTER_MOST)
        return self._back_off(REST_FIRST, REST_MOST, credential.in_a_row)

    def _fail(self, credential: Credential, endpoint: Endpoint) -> bool:
        """Count a failure. Whether that opens the breaker."""
        breaker = credential.breakers.get(endpoint)
        if breaker is None:
            if len(credential.breakers) >= ENDPOINTS_KEPT:
                credential.breakers.clear()
            breaker = credential.breakers[endpoint] = Breaker()
        breaker.failures += 1
        now = self._clock()
        probed, breaker.probing = breaker.probing, False
        opens = not breaker.times and breaker.failures >= FAILURES
        if probed or opens:
            breaker.times += 1
            breaker.open_until = now + self._back_off(OPEN_FIRST, OPEN_MOST, breaker.times)
        return opens

    def _back_off(self, first: float, most: float, times: int) -> float:
        """Doubled each time, up to `most`, and a quarter more or less so that nobody is in step."""
        return min(first * 2.0 ** min(times - 1, 16), most) * (0.75 + self._random() / 2)


def _fit_from(credential: Credential, endpoint: Endpoint) -> float:
    breaker = credential.breakers.get(endpoint)
    return max(credential.rests_until, breaker.open_until if breaker else 0.0)
