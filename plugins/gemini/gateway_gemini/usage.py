"""Token counts between Gemini's definition and ours.

Gemini's `candidatesTokenCount` leaves the thoughts out, `promptTokenCount` has the cached part in
(Gemini API reference, `UsageMetadata`, read 2026-11). The hub's output counts thoughts.
"""

from __future__ import annotations

from gateway.events import Usage
from gateway.model import Fields, Json, own
from gateway_gemini.names import DIALECT

KNOWN = frozenset(
    [
        *("promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount"),
        *("thoughtsTokenCount", "totalTokenCount", "toolUsePromptTokenCount"),
    ]
)


def read_usage(raw: dict[str, Json]) -> Usage:
    """The hub's counts; what is no number counts as not said."""
    prompt, tools = _count(raw, "promptTokenCount"), _count(raw, "toolUsePromptTokenCount")
    written, thoughts = _count(raw, "candidatesTokenCount"), _count(raw, "thoughtsTokenCount")
    rest = {key: value for key, value in raw.items() if key not in KNOWN}
    return Usage(
        input=_sum(prompt, tools),
        cached_input=_count(raw, "cachedContentTokenCount"),
        output=_sum(written, thoughts),
        reasoning=thoughts,
        extra={DIALECT: Fields(rest, ("usageMetadata",))} if rest else {},
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """Gemini's `usageMetadata`."""
    out: dict[str, Json] = {"promptTokenCount": usage.input or 0}
    if usage.cached_input is not None:
        out["cachedContentTokenCount"] = usage.cached_input
    out["candidatesTokenCount"] = max(0, (usage.output or 0) - (usage.reasoning or 0))
    if usage.reasoning is not None:
        out["thoughtsTokenCount"] = usage.reasoning
    out["totalTokenCount"] = (usage.input or 0) + (usage.output or 0)
    return {**out, **own(usage.extra, DIALECT)}


def _count(raw: dict[str, Json], key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else (one or 0) + other
