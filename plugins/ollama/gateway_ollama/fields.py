"""Fields that the hub has no name for: kept on the way in, put back on the way home.

The fields of an inner object stand beside the outer ones under a dotted name
(`{"options.num_ctx": 4096}`), so that each is one entry of its own in the loss ledger. Fields that
are null say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from gateway.losses import Losses
from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, note, own
from gateway.reading import noted
from gateway_ollama.names import DIALECT

Inner = Mapping[str, AbstractSet[str]]
"""The names that the hub knows of an inner object, by the name of that object."""

NO_INNER: Inner = {}


def unknown(
    obj: dict[str, Json], known: AbstractSet[str], path: Path, inner: Inner = NO_INNER
) -> Extra:
    """The fields of `obj` outside `known`, and those of its inner objects under dotted names."""
    found = {key: value for key, value in obj.items() if key not in known and value is not None}
    for name, names in inner.items():
        within = obj.get(name)
        for key, value in within.items() if isinstance(within, dict) else ():
            if key not in names and value is not None:
                found[f"{name}.{key}"] = value
    return {DIALECT: Fields(found, path)} if found else NO_EXTRA


def put_back(out: dict[str, Json], extra: Extra) -> dict[str, Json]:
    """Write this dialect's own fields of `extra` into `out`, where `out` has none of that name."""
    for key, value in own(extra, DIALECT).items() if extra else ():
        head, dot, tail = key.partition(".")
        if dot:
            within = out.setdefault(head, {})
            if isinstance(within, dict):
                within.setdefault(tail, value)
        else:
            out.setdefault(key, value)
    return out


def with_notes(extra: Extra, path: Path, **notes: Json) -> Extra:
    """`extra` with those notes on the wire form that are not None."""
    said = {name: value for name, value in notes.items() if value is not None}
    return noted(extra, DIALECT, path, **said) if said else extra


def form(extra: Extra, name: str) -> Json:
    """A note that this dialect left for itself; None when there is none."""
    return note(extra, DIALECT, name) if extra else None


def note_reply(extra: Extra, losses: Losses) -> None:
    """Record what other dialects said of a reply that this one has no place for."""
    for dialect, fields in extra.items():
        if dialect == DIALECT:
            continue
        for name in fields:
            if not name.startswith("$"):
                losses.add(("reply", *fields.path, name), f"{DIALECT} has no such field")
