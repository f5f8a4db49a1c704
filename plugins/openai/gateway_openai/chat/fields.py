"""Fields that the hub has no name for: kept on the way in, put back on the way home.

The fields of an inner object stand beside the outer ones under a dotted name, so that each is
one entry of its own in the loss ledger: `{"image_url": {"url": …, "detail": "low"}}` leaves
`{"image_url.detail": "low"}`. Fields that are null say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, note, own
from gateway.reading import noted

DIALECT = "openai"
Inner = Mapping[str, AbstractSet[str]]
"""The names that the hub knows of an inner object, by the name of that object."""

NO_INNER: Inner = {}


def unknown(
    obj: dict[str, Json], known: AbstractSet[str], path: Path, inner: Inner = NO_INNER
) -> Extra:
    """The fields of `obj` outside `known`, and those of its inner objects under dotted names."""
    found: dict[str, Json] = {}
    if not obj.keys() <= known:
        found = {key: value for key, value in obj.items() if key not in known and value is not None}
    for name, names in inner.items():
        within = obj.get(name)
        if isinstance(within, dict) and not within.keys() <= names:
            found.update(_dotted(name, within, names))
    return {DIALECT: Fields(found, path)} if found else NO_EXTRA


def put_back(out: dict[str, Json], extra: Extra) -> dict[str, Json]:
    """Write this dialect's own fields of `extra` into `out`, where `out` has none of that name."""
    if not extra:
        return out
    for key, value in own(extra, DIALECT).items():
        head, dot, tail = key.partition(".")
        within = out.get(head)
        if dot and isinstance(within, dict):
            within.setdefault(tail, value)
        else:
            out.setdefault(key, value)
    return out


def with_notes(extra: Extra, path: Path, **notes: Json) -> Extra:
    """`extra` with those notes on the wire form that are not None."""
    if not notes:
        return extra
    said = {name: value for name, value in notes.items() if value is not None}
    return noted(extra, DIALECT, path, **said) if said else extra


def form(extra: Extra, name: str) -> Json:
    """A note that this dialect left for itself; None when there is none."""
    return note(extra, DIALECT, name) if extra else None


def _dotted(name: str, within: dict[str, Json], known: AbstractSet[str]) -> list[tuple[str, Json]]:
    return [(f"{name}.{k}", v) for k, v in within.items() if k not in known and v is not None]
