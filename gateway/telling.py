"""Requests as lines for people: indented, without quotes and brackets, long texts cut short."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

import attrs
import orjson

from gateway.model import Fields, Json

TEXT = 240
"""Characters that are shown of a long text."""
ENTRIES = 6
"""Entries that are shown of a long list."""
WIDTH = 96
AROUND = 1
"""Unchanged lines around a change."""


def told(value: object) -> Json:
    """A neutral value as JSON: without what nobody said, and without notes on the wire form."""
    if attrs.has(type(value)):
        return _named(value)
    if isinstance(value, Fields):
        return {key: told(one) for key, one in value.items() if not key.startswith("$")}
    if isinstance(value, Mapping):
        return {key: kept for key, one in value.items() if (kept := told(one)) != {}}
    if isinstance(value, list | tuple):
        return [told(one) for one in value]
    return value


def shortened(value: Json) -> Json:
    """The same JSON with long texts and long lists cut, each saying by how much.

    Of a JSON Schema the names of its properties are left.
    """
    match value:
        case {"type": "object", "properties": dict() as properties}:
            return f"(a schema: {', '.join(properties) or 'no properties'})"
        case str() if len(value) > TEXT:
            return f"{value[:TEXT]}… (+{len(value) - TEXT:,} characters)"
        case list() if len(value) > ENTRIES:
            left = len(value) - ENTRIES + 1
            return [*map(shortened, value[: ENTRIES - 1]), f"… {left} more"]
        case list():
            return [shortened(one) for one in value]
        case dict():
            return {key: shortened(one) for key, one in value.items()}
    return value


def lines(value: Json, pad: str = "") -> Iterator[str]:
    """JSON as indented lines. A text of several lines, or a long one, gets lines of its own."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _labelled(f"{pad}{_safe(key)}:", one, pad + "  ")
    elif isinstance(value, list) and value:
        for one in value:
            yield from _entry(one, pad)
    else:
        yield from (pad + line for line in _text(value))


def difference(before: object, after: object) -> list[str]:
    """What changed between two neutral values, as lines that begin with `+`, `-` or a space."""
    old, new = list(lines(told(before))), list(lines(told(after)))
    found = list(difflib.unified_diff(old, new, n=AROUND, lineterm=""))
    return [line for line in found[2:] if not line.startswith("@@")]


def _named(value: object) -> Json:
    out = {}
    for one in attrs.fields(type(value)):  # type: ignore[arg-type]  # an attrs class, as asked above
        said = getattr(value, one.name)
        if one.name == "path" or said == one.default:
            continue
        kept = told(said)
        if kept not in ({}, []) or one.default is None:
            out[one.name] = kept
    kind = re.sub(r"(?<!^)([A-Z])", r"_\1", type(value).__name__).lower()
    return {"is": kind, **out} if kind in PARTS else out


PARTS = ("text", "thinking", "media", "tool_call", "tool_result", "opaque")


def _labelled(label: str, value: Json, pad: str) -> Iterator[str]:
    inline = _inline(value)
    if inline is not None and len(label) + len(inline) < WIDTH:
        yield f"{label} {inline}".rstrip()
    else:
        yield label
        yield from lines(value, pad)


def _entry(value: Json, pad: str) -> Iterator[str]:
    inner = lines(value, pad + "  ")
    first = next(inner)
    yield f"{pad}- {first[len(pad) + 2 :]}"
    yield from inner


def _inline(value: Json) -> str | None:
    """A value that fits on its label's line; None when it doesn't."""
    if isinstance(value, str):
        return _safe(value) if "\n" not in value else None
    if isinstance(value, dict | list):
        text = orjson.dumps(value).decode()
        return text if len(text) <= WIDTH // 2 and "\\" not in text else None
    return orjson.dumps(value).decode()


def _text(value: Json) -> Iterator[str]:
    if not isinstance(value, str):
        yield orjson.dumps(value).decode()
        return
    for line in value.split("\n"):
        safe = _safe(line)
        yield from [safe[start : start + WIDTH] for start in range(0, len(safe), WIDTH)] or [""]


def _safe(text: str) -> str:
    """Text that can do nothing to a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
