"""Judge a JSON body by the TypedDicts that an official SDK declares for its requests.

pydantic would check these types too, but leaves `Iterable` fields unread and lets unknown keys
pass; strict providers do neither.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Mapping
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from typing_extensions import is_typeddict

NUMBERS = {float: (int, float), int: (int,), str: (str,), object: (object,)}


def errors_of(kind: Any, value: object, path: str = "") -> list[str]:
    """Every way in which `value` is not a `kind`, each with its path."""
    if kind is Any:
        return []
    if is_typeddict(kind):
        return _object(kind, value, path)
    origin = get_origin(kind)
    if origin in (Required, NotRequired, typing.Annotated):
        return errors_of(get_args(kind)[0], value, path)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, path)
    if origin is Literal:
        return [] if _is_literal(kind, value) else [f"{path}: {value!r} is not in {kind}"]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(kind, value, path)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _list(kind, value, path)
    return _plain(kind, value, path)


def _object(kind: Any, value: object, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {type(value).__name__} instead of {kind.__name__}"]
    hints = _hints(kind)
    out = [f"{path}.{key}: unknown to {kind.__name__}" for key in value if key not in hints]
    missing = [key for key in _required(kind) if key not in value]
    out += [f"{path}.{key}: missing in {kind.__name__}" for key in missing]
    for key in value.keys() & hints.keys():
        out += errors_of(hints[key], value[key], f"{path}.{key}")
    return out


def _one_of(kinds: tuple[Any, ...], value: object, path: str) -> list[str]:
    """The errors of the member that fits best: one with the right tags, with the fewest errors."""
    tagged = [kind for kind in kinds if _same_tags(kind, value)]
    found = [errors_of(kind, value, path) for kind in tagged or kinds]
    best = min(found, key=lambda errors: (_is_outer(errors, path), len(errors)))
    if best and tagged:
        others = (errors_of(kind, value, path) for kind in kinds if kind not in tagged)
        return next((errors for errors in others if not errors), best)
    return best


def _is_outer(errors: list[str], path: str) -> bool:
    """Whether it is the value itself that has the wrong type, rather than something in it."""
    return any(error.startswith(f"{path}: ") for error in errors)


def _same_tags(kind: Any, value: object) -> bool:
    """Whether the literal fields of `value` (type, role) are those of `kind`."""
    if not is_typeddict(kind) or not isinstance(value, dict):
        return False
    tags = {key: hint for key, hint in _hints(kind).items() if key in ("type", "role")}
    return bool(tags) and all(not errors_of(tags[key], value.get(key)) for key in tags)


def _mapping(kind: Any, value: object, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: {type(value).__name__} instead of an object"]
    inner = get_args(kind)[1]
    return [
        error for key, each in value.items() for error in errors_of(inner, each, f"{path}.{key}")
    ]


def _list(kind: Any, value: object, path: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{path}: {type(value).__name__} instead of a list"]
    inner = get_args(kind)[0]
    return [e for at, each in enumerate(value) for e in errors_of(inner, each, f"{path}[{at}]")]


def _plain(kind: Any, value: object, path: str) -> list[str]:
    if kind in (None, type(None)):
        fits = value is None
    elif isinstance(value, bool):
        fits = kind in (bool, object)
    elif kind in NUMBERS:
        fits = isinstance(value, NUMBERS[kind])
    else:
        fits = isinstance(kind, type) and isinstance(value, kind)
    return [] if fits else [f"{path}: {type(value).__name__} instead of {kind}"]


def _is_literal(kind: Any, value: object) -> bool:
    return any(value == each and type(value) is type(each) for each in get_args(kind))


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


@functools.cache
def _required(kind: Any) -> list[str]:
    """The keys that must be there; `__required_keys__` can't read annotations that are strings."""
    origins = {key: get_origin(hint) for key, hint in _hints(kind).items()}
    said = {key for key, origin in origins.items() if origin is Required}
    optional = {key for key, origin in origins.items() if origin is NotRequired}
    return sorted((said | set(kind.__required_keys__)) - optional)
