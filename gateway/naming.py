"""Names and ids that every target takes. Lowering is a pure function of the name."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What OpenAI chat and Anthropic Messages take as a tool's name (both API references, 2026-11)."""
DIGEST = 8
REMEMBERED = 128
"""The longest name, in characters, for which `fits` keeps its answer."""


def shorten(name: str, limit: int = 64) -> str:
    """A readable name of at most `limit` characters of [a-zA-Z0-9_-], unique to `name`."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST]
    readable = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[: limit - DIGEST - 1]
    return f"{readable}_{digest}"


def fits(name: str, allowed: re.Pattern[str] = NAME) -> bool:
    """Whether `allowed` matches all of `name`; remembered, since each turn asks it again."""
    return _fits(name, allowed) if len(name) <= REMEMBERED else bool(allowed.fullmatch(name))


def lower_id(call_id: str, limit: int = 64) -> str:
    """A call id that every target takes; the same for a call and its result."""
    return call_id if len(call_id) <= limit and NAME.fullmatch(call_id) else shorten(call_id, limit)


@lru_cache(4096)
def _fits(name: str, allowed: re.Pattern[str]) -> bool:
    return allowed.fullmatch(name) is not None
