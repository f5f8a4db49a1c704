"""Recorded requests of real clients, as files: `{"body": …, "headers": …}` and what else is known.

`headers` is an object or a list of pairs. Other keys (a label, the path, the date) are for people,
but for `path`: a capture of another endpoint than chat is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
from attrs import frozen

from gateway.hooks import Dialect
from gateway.model import Json


@frozen
class Capture:
    """One recorded request. Header names are in lower case."""

    name: str
    body: dict[str, Json]
    headers: Mapping[str, str]


def captures(folder: Path | None, dialect: Dialect) -> list[Capture]:
    """The chat requests below `folder`, by path; none without a folder.

    Raises ValueError when the folder holds none: a law without captures would prove nothing.
    """
    if folder is None:
        return []
    found = [
        Capture(str(path.relative_to(folder)), raw["body"], _headers(raw.get("headers", {})))
        for path in sorted(folder.rglob("*.json"))
        if _is_chat(raw := orjson.loads(path.read_bytes()), dialect)
    ]
    if not found:
        raise ValueError(f"{folder} holds no captured {dialect.name} request")
    return found


def _is_chat(raw: Json, dialect: Dialect) -> bool:
    """Whether a file is a capture of one of the dialect's chat endpoints, with any prefix."""
    if not isinstance(raw, dict) or not isinstance(raw.get("body"), dict):
        return False
    path = raw.get("path")
    if path is None:
        return True
    ends = [point.path for point in dialect.endpoints if point.action == "chat"]
    return any(path.endswith(end.rsplit("}", 1)[-1]) for end in ends)


def _headers(raw: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    pairs = raw.items() if isinstance(raw, Mapping) else raw
    return {name.lower(): value for name, value in pairs}
