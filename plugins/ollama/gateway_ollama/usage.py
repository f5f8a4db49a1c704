"""Token counts: Ollama gives them once, at the end, and they know neither caches nor thoughts."""

from __future__ import annotations

from gateway.events import Usage
from gateway.model import Json

INPUT = "prompt_eval_count"
OUTPUT = "eval_count"


def read_usage(reply: dict[str, Json]) -> Usage | None:
    """The counts of a last line; None when it has none."""
    read, written = _count(reply, INPUT), _count(reply, OUTPUT)
    return None if read is None and written is None else Usage(input=read, output=written)


def write_usage(usage: Usage | None) -> dict[str, Json]:
    """The counts that are known."""
    said = {INPUT: usage.input, OUTPUT: usage.output} if usage else {}
    return {name: value for name, value in said.items() if value is not None}


def _count(reply: dict[str, Json], name: str) -> int | None:
    value = reply.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
