"""Lower the names and ids that a target can't take, and raise them back exactly.

Lowering is a pure function of the name, so that every turn of a conversation lowers it alike and
prompt caches keep hitting.
"""

from __future__ import annotations

import hashlib
import re

from attrs import define, field

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What OpenAI chat and Anthropic Messages take as a tool's name (both API references, 2026-11)."""
DIGEST = 8


@define
class ToolRegistry:
    """The names that one attempt changed, by what they were changed to."""

    _originals: dict[str, str] = field(factory=dict)

    def lower(self, name: str, allowed: re.Pattern[str] = NAME, limit: int = 64) -> str:
        """The name that the target sees: `name` itself where `allowed` matches all of it."""
        if allowed.fullmatch(name):
            return name
        lowered = shorten(name, limit)
        self._originals[lowered] = name
        return lowered

    def raise_(self, name: str) -> str:
        """The client's own name for a tool that the model called."""
        return self._originals.get(name, name)


def shorten(name: str, limit: int = 64) -> str:
    """A readable name of at most `limit` characters of [a-zA-Z0-9_-], unique to `name`."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST]
    readable = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[: limit - DIGEST - 1]
    return f"{readable}_{digest}"


def lower_id(call_id: str, limit: int = 64) -> str:
    """A call id that every target takes; the same for a call and its result."""
    return call_id if len(call_id) <= limit and NAME.fullmatch(call_id) else shorten(call_id, limit)
