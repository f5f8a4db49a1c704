"""One conversation of Claude Code, so that a provider's prompt cache can be told what is one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import orjson

HEADER = "x-claude-code-session-id"
"""Claude Code 2.1 sends it (seen 2026-11), and the same id in `metadata.user_id`."""
LENGTH = 32


def session_key(user: str | None, headers: Mapping[str, str]) -> str | None:
    """A key for the client's session; None when the client names none.

    A digest: `metadata.user_id` is JSON that holds device and account ids too.
    """
    session = headers.get(HEADER) or _session_of(user)
    return hashlib.sha256(session.encode()).hexdigest()[:LENGTH] if session else None


def _session_of(user: str | None) -> str | None:
    if user is None or not user.startswith("{"):
        return None
    try:
        session = orjson.loads(user).get("session_id")
    except orjson.JSONDecodeError:
        return None
    return session if isinstance(session, str) else None
