"""Names and ids that every target takes. Lowering is a pure function of the name."""

from __future__ import annotations

import hashlib
import re

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What OpenAI chat and Anthropic Messages take as a tool's name (both API references, 2026-11)."""
DIGEST = 8


def shorten(name: str, limit: int = 64) -> str:
    """A readable name of at most `limit` characters of [a-zA-Z0-9_-], unique to `name`."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST]
    readable = re.sub(r"[^a-zA-Z0-9_-]", "_", name)[: limit - DIGEST - 1]
    return f"{readable}_{digest}"


def lower_id(call_id: str, limit: int = 64) -> str:
    """A call id that every target takes; the same for a call and its result."""
    return call_id if len(call_id) <= limit and NAME.fullmatch(call_id) else shorten(call_id, limit)
