"""Which failures another key or target may cure."""

from __future__ import annotations

from gateway.errors import GatewayError, LossRefused, NotOffered, UpstreamError

ELSEWHERE = frozenset({401, 402, 403, 408, 429})
"""Statuses below 500 that speak of the key or the moment, not of the request."""

UNFIT = (LossRefused, NotOffered)
"""What another target may be fit for, and no other key of this one."""


def may_cure(error: GatewayError) -> bool:
    """Whether the next key or target is worth trying after `error`."""
    if isinstance(error, UNFIT):
        return True
    if not isinstance(error, UpstreamError):
        return False
    return error.status >= 500 or error.status in ELSEWHERE


def may_cure_key(error: GatewayError) -> bool:
    """Whether another key of the same upstream is worth trying: not after what none can do."""
    return may_cure(error) and not isinstance(error, UNFIT)
