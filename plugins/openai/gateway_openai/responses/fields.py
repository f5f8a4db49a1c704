"""Fields that the hub has no name for: kept on the way in, put back on the way home.

The fields of an inner object stand beside the outer ones under a dotted name, so that each is one
entry of its own in the loss ledger. Fields that are null say nothing and are left out.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from gateway.model import NO_EXTRA, Extra, Fields, Json, Path, note, own
from gateway.reading import noted

DIALECT = "responses"
INNER = frozenset(
    {
        *("message", "namespace", "reasoning", "text", "headers", "input_audio", "summary"),
        *("content", "input_tokens_details", "output_tokens_details"),
    }
)
"""The inner objects whose fields stand under dotted names."""


def unknown(obj: dict[str, Json], known: AbstractSet[str], path: Path, under: str = "") -> Extra:
    """The fields of `obj` outside `known`; under the name of an inner object, dotted."""
    if obj.keys() <= known:
        return NO_EXTRA
    head = f"{under}." if under else ""
    found = {head + k: v for k, v in obj.items() if k not in known and v is not None}
    return {DIALECT: Fields(found, path)} if found else NO_EXTRA


def joined(*extras: Extra) -> Extra:
    """One extra of several; the path is that of the first that says something."""
    said = [extra for extra in extras if extra]
    if len(said) < 2:
        return said[0] if said else NO_EXTRA
    fields = Fields({}, said[0][DIALECT].path)
    for extra in said:
        fields.update(extra[DIALECT])
    return {DIALECT: fields}


def put_back(out: dict[str, Json], extra: Extra, under: str = "") -> dict[str, Json]:
    """Write this dialect's own fields of `extra` into `out`, where `out` has none of that name.

    under: those of that inner object; without it, those of the object itself.
    """
    if extra:
        for key, value in own(extra, DIALECT).items():
            head, dot, name = key.partition(".")
            if not dot or head not in INNER:
                head, name = "", key
            if head == under:
                out.setdefault(name, value)
    return out


def with_notes(extra: Extra, path: Path, **notes: Json) -> Extra:
    """`extra` with those notes on the wire form that are not None."""
    said = {name: value for name, value in notes.items() if value is not None}
    return noted(extra, DIALECT, path, **said) if said else extra


def form(extra: Extra, name: str) -> Json:
    """A note that this dialect left for itself; None when there is none."""
    return note(extra, DIALECT, name) if extra else None


def text_of(value: Json) -> str:
    """`value` where it is a string; "" for anything else."""
    return value if isinstance(value, str) else ""


def object_of(value: Json) -> dict[str, Json]:
    """`value` where it is an object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Json) -> list[dict[str, Json]]:
    """The objects in `value` where it is a list; [] for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
