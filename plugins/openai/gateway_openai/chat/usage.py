"""Token counts, both ways, by OpenAI's definition: `prompt_tokens` counts cached ones too.

Names of the cached count beside OpenAI's: DeepSeek `prompt_cache_hit_tokens`, Moonshot
`cached_tokens`, bridges to Claude and Gemini the rest (each provider's reference, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.events import Usage
from gateway.model import NO_EXTRA, Extra, Json
from gateway_openai.chat.fields import put_back, unknown

PROMPT = "prompt_tokens_details"
COMPLETION = "completion_tokens_details"
CACHED = (
    *("cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens"),
    "cached_content_tokens",
)
WRITTEN = ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")
KNOWN = frozenset(
    {
        *("prompt_tokens", "completion_tokens", "total_tokens", PROMPT, COMPLETION),
        *("reasoning_tokens", "source", *CACHED, *WRITTEN),
    }
)
INNER = {
    PROMPT: frozenset({*CACHED, *WRITTEN}),
    COMPLETION: frozenset({"reasoning_tokens"}),
}
SOURCES = ("estimated", "mixed")


def read_usage(usage: dict[str, Json]) -> Usage:
    """The counts of a reply; what is not a whole number counts as not said."""
    prompt, completion = _inner(usage, PROMPT), _inner(usage, COMPLETION)
    source = usage.get("source")
    return Usage(
        input=_count(usage.get("prompt_tokens")),
        cached_input=_first(CACHED, prompt, usage),
        cache_write=_first(WRITTEN, prompt, usage),
        output=_count(usage.get("completion_tokens")),
        reasoning=_first(("reasoning_tokens",), completion, usage),
        source=source if source in SOURCES else "provider",
        extra=_extra(usage),
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The counts for a client. OpenAI demands the first three: what is unknown is 0 there."""
    prompt = {"cached_tokens": usage.cached_input, "cache_write_tokens": usage.cache_write}
    given = {
        PROMPT: {name: count for name, count in prompt.items() if count is not None},
        COMPLETION: {} if usage.reasoning is None else {"reasoning_tokens": usage.reasoning},
    }
    sent, got = usage.input or 0, usage.output or 0
    out: dict[str, Json] = {
        "prompt_tokens": sent,
        "completion_tokens": got,
        "total_tokens": sent + got,
        **given,
    }
    if usage.source != "provider":
        out["source"] = usage.source
    put_back(out, usage.extra)
    return {name: value for name, value in out.items() if value != {}}


def _extra(usage: dict[str, Json]) -> Extra:
    return unknown(usage, KNOWN, ("usage",), INNER) if usage else NO_EXTRA


def _inner(usage: dict[str, Json], name: str) -> Mapping[str, Json]:
    within = usage.get(name)
    return within if isinstance(within, dict) else {}


def _first(names: tuple[str, ...], *places: Mapping[str, Json]) -> int | None:
    for place in places:
        for name in names if place else ():
            count = _count(place.get(name))
            if count is not None:
                return count
    return None


def _count(value: Json) -> int | None:
    return value if type(value) is int else None
