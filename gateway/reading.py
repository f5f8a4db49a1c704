"""Take values out of a client's JSON, or say plainly which one is wrong.

Paths are tuples, so that a good request builds no strings.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TypeVar, overload

from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import NO_EXTRA, Extra, Fields, Json, Path

T = TypeVar("T")
WORDS: dict[type | tuple[type, ...], str] = {
    str: "a string",
    int: "a whole number",
    (int, float): "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    (str, list): "a string or a list",
    (str, dict): "a string or an object",
}
NUMBER = (int, float)
EXACT = 2**53
"""Floats below it hold whole numbers exactly."""


def wrong(path: Path, expected: str, value: Json = None) -> BadRequest:
    """The error for a value of the wrong form; raise it."""
    got = f", not {name_of(value)}" if value is not None else ""
    return BadRequest(f"{show(path)} must be {expected}{got}", param=show(path))


def name_of(value: Json) -> str:
    """What kind of JSON value it is, for a person."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "a list"
    return "an object"


@overload
def get(obj: dict[str, Json], key: str, kind: type[T], path: Path) -> T | None: ...
@overload
def get(obj: dict[str, Json], key: str, kind: tuple[type, ...], path: Path) -> Json: ...
def get(obj: dict[str, Json], key: str, kind: type | tuple[type, ...], path: Path) -> Json:
    """`obj[key]`; None when it is missing or null. Raises BadRequest when it is another kind.

    True and false are not numbers here. A whole float (`5.0`) passes as an int, unless it is one
    that JSON could not say as an int again (`1e300`).
    """
    value = obj.get(key)
    if value is None or type(value) is kind:
        return value
    if isinstance(value, bool) and kind is not bool:
        raise wrong((*path, key), WORDS[kind], value)
    if kind is int and isinstance(value, float) and abs(value) < EXACT and value.is_integer():
        return int(value)
    if not isinstance(value, kind):
        raise wrong((*path, key), WORDS[kind], value)
    return value


@overload
def need(obj: dict[str, Json], key: str, kind: type[T], path: Path) -> T: ...
@overload
def need(obj: dict[str, Json], key: str, kind: tuple[type, ...], path: Path) -> Json: ...
def need(obj: dict[str, Json], key: str, kind: type | tuple[type, ...], path: Path) -> Json:
    """`obj[key]`, which must be there. Raises BadRequest when it is missing, null or wrong."""
    value = obj.get(key)
    if type(value) is kind:
        return value
    value = get(obj, key, kind, path)
    if value is None:
        where = show((*path, key))
        raise BadRequest(f"{where} is required ({WORDS[kind]})", param=where)
    return value


def entries(value: Json, path: Path) -> Iterable[tuple[Path, dict[str, Json]]]:
    """The objects of a list, each with its path. Raises BadRequest for anything else in it."""
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise wrong((*path, index), "an object", item)
        yield (*path, index), item


def rest(obj: dict[str, Json], known: AbstractSet[str], dialect: str, path: Path) -> Extra:
    """The fields of `obj` outside `known`, as the extra of `dialect`."""
    if obj.keys() <= known:
        return NO_EXTRA
    return {dialect: Fields(((k, v) for k, v in obj.items() if k not in known), path)}


def noted(extra: Extra, dialect: str, path: Path, **notes: Json) -> Extra:
    """`extra` with notes on the wire form added (see `Fields`)."""
    fields = Fields(extra.get(dialect, {}), path)
    fields.update({"$" + key: value for key, value in notes.items()})
    return {**extra, dialect: fields}
