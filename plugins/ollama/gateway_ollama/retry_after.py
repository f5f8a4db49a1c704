"""How long a server asks to wait, in seconds, from its reply's headers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds from `retry-after`, a number or an HTTP date; None when it says nothing readable.

    headers: names in lower case.
    """
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        return _until(said, now)
    return seconds if 0 <= seconds < float("inf") else None


def _until(date: str, now: datetime | None) -> float | None:
    try:
        when = parsedate_to_datetime(date)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
