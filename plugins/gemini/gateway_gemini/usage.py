"""Token counts between Gemini's definition and ours.

Gemini's `candidatesTokenCount` leaves the thoughts out, `promptTokenCount` has the cached part in,
and the results of Google's own tools are counted apart (Gemini API reference, `UsageMetadata`,
read 2026-11). The hub's input counts all that was read, and its output counts thoughts.
"""

from __future__ import annotations

from gateway.events import Usage
from gateway.losses import Losses
from gateway.model import Json, own
from gateway_gemini.names import DIALECT
from gateway_gemini.spelling import camel, rest

KNOWN = frozenset(
    [
        *("promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount"),
        *("thoughtsTokenCount", "totalTokenCount", "toolUsePromptTokenCount"),
        "estimated",
    ]
)
ESTIMATED = "estimated"
"""Ours: the counts are a guess of a gateway's."""
TOOLS = "toolUsePromptTokenCount"


def read_usage(raw: dict[str, Json]) -> Usage:
    """The hub's counts; what is no number counts as not said."""
    said = camel(raw)
    tools, thoughts = _count(said, TOOLS), _count(said, "thoughtsTokenCount")
    return Usage(
        input=_sum(_count(said, "promptTokenCount"), tools),
        cached_input=_count(said, "cachedContentTokenCount"),
        output=_sum(_count(said, "candidatesTokenCount"), thoughts),
        reasoning=thoughts,
        source="estimated" if said.get(ESTIMATED) is True else "provider",
        extra=rest(raw, KNOWN - ({TOOLS} if tools else set()), ("usageMetadata",)),
    )


def write_usage(usage: Usage, losses: Losses) -> dict[str, Json]:
    """Gemini's `usageMetadata`; a count that nobody said is left out."""
    out: dict[str, Json] = {}
    kept = own(usage.extra, DIALECT)
    tools = _count(dict(kept), TOOLS) or 0
    if usage.input is not None:
        out["promptTokenCount"] = max(0, usage.input - tools)
    if usage.cached_input is not None:
        out["cachedContentTokenCount"] = usage.cached_input
    if usage.output is not None:
        out["candidatesTokenCount"] = max(0, usage.output - (usage.reasoning or 0))
    if usage.reasoning is not None:
        out["thoughtsTokenCount"] = usage.reasoning
    if usage.input is not None or usage.output is not None:
        out["totalTokenCount"] = (usage.input or 0) + (usage.output or 0)
    if usage.source == "estimated":
        out[ESTIMATED] = True
    if usage.cache_write is not None:
        losses.add("usage.cache_write", "Gemini has no such count", "hint")
    return {**out, **kept}


def _count(raw: dict[str, Json], key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else (one or 0) + other
