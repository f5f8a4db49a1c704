"""The seal of thinking that came without a signature: clients want one on every thinking block.

Its value is empty; its origin travels in the tag like that of any other (see `gateway.seals`).
"""

from __future__ import annotations

from gateway.attempt import Target
from gateway.model import Seal


def unsigned(target: Target) -> Seal:
    """The seal of thinking that `target` gave without any signature."""
    return Seal("", target.speaks or target.backend, target.upstream, target.model)
