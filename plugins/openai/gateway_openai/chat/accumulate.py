"""Join what a stream says of one field in pieces: fields that only this dialect knows."""

from __future__ import annotations

from gateway.model import Json

GROWING = frozenset({"data", "transcript"})
"""Texts that come in pieces (audio); any other text is said again in full."""


def accumulate(into: dict[str, Json], key: str, value: Json) -> None:
    """Add `value` to `into[key]`: lists and objects grow, the rest is replaced."""
    before = into.get(key)
    if isinstance(before, dict) and isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None:
                accumulate(before, name, inner)
    elif isinstance(before, list) and isinstance(value, list):
        into[key] = [*before, *value]
    elif isinstance(before, str) and isinstance(value, str) and key in GROWING:
        into[key] = before + value
    elif isinstance(value, dict):
        into[key] = {name: inner for name, inner in value.items() if inner is not None}
    else:
        into[key] = value
