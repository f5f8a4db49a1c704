"""Whose turn it is among the targets of an alias: in order, by shares, or by conversation."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeAlias

from attrs import define, field

from gateway.attempt import Target
from gateway.model import ChatRequest, Text
from gateway.seals import belongs_to

Who: TypeAlias = tuple[object, ...]
"""What has turns of its own: a group, an alias, an action and the targets."""


@define(eq=False)
class Rotation:
    """Shares among targets, kept exactly: a smooth weighted round robin, as in nginx."""

    _owed: dict[Who, list[int]] = field(factory=dict)

    def next(self, who: Who, weights: Sequence[int]) -> list[int]:
        """The positions of the targets in the order to try now; who weighs nothing is last.

        Of so many turns in a row each is first as often as it weighs.
        """
        owed = self._owed.setdefault(who, [0] * len(weights))
        for position, weight in enumerate(weights):
            owed[position] += weight
        order = sorted(range(len(weights)), key=lambda one: (not weights[one], -owed[one]))
        owed[order[0]] -= sum(weights)
        return order


def affinity(conversation: bytes, target: Target, key: str, share: float) -> float:
    """How much a conversation belongs to a key of a target: it goes where this is largest.

    Weighted rendezvous hashing: the same in every process and after a restart, and when a key
    rests only its conversations move. share: above 0.
    """
    digest = hashlib.blake2b(f"{target}\0{key}".encode(), key=conversation, digest_size=8).digest()
    chance = (int.from_bytes(digest) + 1) / (2**64 + 1)
    return -share / math.log(chance)


def conversation_of(request: ChatRequest, key_id: str | None) -> bytes:
    """What stays the same while a conversation grows: who holds it, and how its user began it.

    The client's own name for its prompt cache says it better. The system text does not: some
    clients write what changes into it (Claude Code, seen 2026-08).
    """
    if request.cache_key:
        return _digest(key_id or "", request.cache_key)
    first = next((one.parts for one in request.messages if one.role == "user"), ())
    texts = [part.text for part in first if isinstance(part, Text)]
    return _digest(key_id or "", *texts)


def issuer(request: ChatRequest, targets: Sequence[Target]) -> Target | None:
    """The target whose seal the conversation carries, the last of several."""
    for message in reversed(request.messages):
        for part in reversed(message.parts):
            seal = getattr(part, "seal", None)
            if seal is not None and seal.upstream is not None:
                return next((one for one in targets if belongs_to(seal, one)), None)
    return None


def _digest(*texts: str) -> bytes:
    said = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=32).digest()
