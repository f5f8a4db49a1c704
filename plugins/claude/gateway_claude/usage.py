"""Token counts, both ways.

Anthropic Messages, read 2026-11: `input_tokens` leaves out what was read from and written to the
prompt cache; every reading in a stream is cumulative. The hub's `input` counts everything.
A count that the gateway guessed carries `"estimated": true`.
"""

from __future__ import annotations

from gateway.events import Usage
from gateway.model import NO_EXTRA, Extra, Fields, Json, own
from gateway_claude.names import NAME

ESTIMATED = "estimated"
COUNTS = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "output_tokens",
)
KNOWN = frozenset([*COUNTS, "output_tokens_details", ESTIMATED])


def merge(earlier: dict[str, Json], later: Json) -> dict[str, Json]:
    """Join two raw readings of one reply: the larger count wins, and what is null says nothing.

    A count of the provider's replaces a guess.
    """
    if not isinstance(later, dict):
        return earlier
    if earlier.get(ESTIMATED) and not later.get(ESTIMATED):
        earlier = {}
    out = dict(earlier)
    for key, value in later.items():
        if value is not None:
            known = out.get(key)
            out[key] = max(known, value) if key in COUNTS and known is not None else value
    return out


def read_usage(raw: dict[str, Json]) -> Usage:
    """The hub's reading. Raises TypeError when a count is no number."""
    fresh, cached, written, output = [_count(raw.get(key)) for key in COUNTS]
    details = raw.get("output_tokens_details")
    known = isinstance(details, dict) and set(details) <= {"thinking_tokens"}
    reasoning = _count(details.get("thinking_tokens")) if isinstance(details, dict) else None
    return Usage(
        input=None if fresh is None else fresh + (cached or 0) + (written or 0),
        cached_input=cached,
        cache_write=written,
        output=output,
        reasoning=reasoning,
        source="estimated" if raw.get(ESTIMATED) else "provider",
        extra=_rest(raw, KNOWN if known or details is None else KNOWN - {"output_tokens_details"}),
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """Claude's form of `usage`, with what is known and `output_tokens`, which clients need."""
    out: dict[str, Json] = {}
    if usage.input is not None:
        cached = (usage.cached_input or 0) + (usage.cache_write or 0)
        out["input_tokens"] = max(0, usage.input - cached)
    if usage.cache_write is not None:
        out["cache_creation_input_tokens"] = usage.cache_write
    if usage.cached_input is not None:
        out["cache_read_input_tokens"] = usage.cached_input
    out["output_tokens"] = usage.output or 0
    if usage.reasoning is not None:
        out["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    out.update(own(usage.extra, NAME))
    return out if usage.source == "provider" else {**out, ESTIMATED: True}


def _count(value: Json) -> int | None:
    return None if value is None else int(value)


def _rest(raw: dict[str, Json], known: frozenset[str]) -> Extra:
    if raw.keys() <= known:
        return NO_EXTRA
    fields = {key: value for key, value in raw.items() if key not in known and value is not None}
    return {NAME: Fields(fields, ("usage",))} if fields else NO_EXTRA
