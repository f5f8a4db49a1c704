"""Which result answers which call, in a history that may say no ids."""

from __future__ import annotations

import hashlib
from collections import deque

from attrs import define, field


@define
class CallIds:
    """What has been called so far, so that calls and results without ids find each other.

    Ids that have to be made come from position and content: each turn makes them alike.
    """

    _waiting: dict[str, deque[str]] = field(factory=dict)
    _count: int = 0

    def called(self, name: str, given: str | None, arguments: str) -> str:
        """The id of a call."""
        call_id = given or self._made(name, arguments)
        self._waiting.setdefault(name, deque()).append(call_id)
        return call_id

    def answered(self, name: str, given: str | None) -> str:
        """The id of the call that a result belongs to: its own, or the oldest open of its name."""
        waiting = self._waiting.get(name)
        if given:
            if waiting and given in waiting:
                waiting.remove(given)
            return given
        return waiting.popleft() if waiting else self._made(name, "unasked")

    def _made(self, name: str, arguments: str) -> str:
        self._count += 1
        text = f"{self._count}:{name}:{arguments}"
        return "call_" + hashlib.sha256(text.encode()).hexdigest()[:24]
