"""Token counts, both ways; `input_tokens` counts cached ones too."""

from __future__ import annotations

from gateway.events import Usage
from gateway.model import Extra, Json
from gateway_openai.responses.fields import joined, object_of, put_back, unknown

INPUT, OUTPUT = "input_tokens_details", "output_tokens_details"
KNOWN = frozenset({"input_tokens", "output_tokens", "total_tokens", "source", INPUT, OUTPUT})
KNOWN_INPUT = frozenset({"cached_tokens", "cache_write_tokens"})
KNOWN_OUTPUT = frozenset({"reasoning_tokens"})
SOURCES = ("estimated", "mixed")


def read_usage(usage: dict[str, Json]) -> Usage:
    """The counts of a reply; what is not a whole number counts as not said."""
    read, written = object_of(usage.get(INPUT)), object_of(usage.get(OUTPUT))
    source = usage.get("source")
    return Usage(
        input=_count(usage.get("input_tokens")),
        cached_input=_count(read.get("cached_tokens")),
        cache_write=_count(read.get("cache_write_tokens")),
        output=_count(usage.get("output_tokens")),
        reasoning=_count(written.get("reasoning_tokens")),
        source=source if source in SOURCES else "provider",
        extra=_extra(usage, read, written),
    )


def write_usage(usage: Usage) -> dict[str, Json]:
    """The counts for a client. OpenAI demands them all: what is unknown is 0 here."""
    sent, got = usage.input or 0, usage.output or 0
    read = {
        "cached_tokens": usage.cached_input or 0,
        "cache_write_tokens": usage.cache_write or 0,
    }
    out: dict[str, Json] = {
        "input_tokens": sent,
        INPUT: put_back(read, usage.extra, INPUT),
        "output_tokens": got,
        OUTPUT: put_back({"reasoning_tokens": usage.reasoning or 0}, usage.extra, OUTPUT),
        "total_tokens": sent + got,
    }
    if usage.source != "provider":
        out["source"] = usage.source
    return put_back(out, usage.extra)


def _extra(usage: dict[str, Json], read: dict[str, Json], written: dict[str, Json]) -> Extra:
    return joined(
        unknown(usage, KNOWN, ("usage",)),
        unknown(read, KNOWN_INPUT, ("usage",), INPUT),
        unknown(written, KNOWN_OUTPUT, ("usage",), OUTPUT),
    )


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
