"""Prompt-cache markers (`cache_control`), both ways."""

from __future__ import annotations

from gateway.model import CacheControl, Json, Path, own
from gateway.reading import get, rest, wrong
from gateway_claude.names import NAME

KNOWN = frozenset(["type", "ttl"])
EPHEMERAL = "ephemeral"


def read_cache(block: dict[str, Json], path: Path) -> CacheControl | None:
    """The marker on `block`, or None. Raises BadRequest."""
    marker = block.get("cache_control")
    if marker is None:
        return None
    path = (*path, "cache_control")
    if not isinstance(marker, dict):
        raise wrong(path, "an object", marker)
    known = KNOWN if marker.get("type") == EPHEMERAL else KNOWN - {"type"}
    return CacheControl(get(marker, "ttl", str, path), rest(marker, known, NAME, path))


def stamped(block: dict[str, Json], marker: CacheControl | None) -> dict[str, Json]:
    """`block`, with the marker written on it if there is one."""
    if marker is not None:
        ttl = {"ttl": marker.ttl} if marker.ttl is not None else {}
        block["cache_control"] = {"type": EPHEMERAL, **ttl, **own(marker.extra, NAME)}
    return block
