"""Token counts: Ollama gives them once, at the end, and they know neither caches nor thoughts."""

from __future__ import annotations

from gateway.events import Usage
from gateway.model import Json

INPUT = "prompt_eval_count"
OUTPUT = "eval_count"
ESTIMATED = "estimated"
"""Ours: clients take no notice of it, and another gateway like this one does."""


def read_usage(reply: dict[str, Json]) -> Usage | None:
    """The counts of a last line; None when it has none."""
    read, written = _count(reply, INPUT), _count(reply, OUTPUT)
    if read is None and written is None:
        return None
    guessed = reply.get(ESTIMATED) is True
    return Usage(input=read, output=written, source="estimated" if guessed else "provider")


def write_usage(usage: Usage | None) -> dict[str, Json]:
    """The counts that are known; those that somebody guessed say so."""
    said = {INPUT: usage.input, OUTPUT: usage.output} if usage else {}
    guessed = {ESTIMATED: True} if usage and usage.source != "provider" else {}
    return {**{name: value for name, value in said.items() if value is not None}, **guessed}


def _count(reply: dict[str, Json], name: str) -> int | None:
    value = reply.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
