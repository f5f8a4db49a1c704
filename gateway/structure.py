"""TOML values -> typed attrs objects, strictly, with the path and the reason of what is wrong.

A field whose name ends with `_` is written without it (`with_` is `with`). A class may read its
value itself, with a class method `from_toml(value)`; a class that finds one of its fields wrong
raises a Mistake with that field's name as its path, and one that is wrong as a whole a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
from cattrs import BaseValidationError, Converter
from cattrs.cols import is_mapping, is_sequence, list_structure_factory, mapping_structure_factory
from cattrs.errors import AttributeValidationNote, ForbiddenExtraKeysError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override
from cattrs.strategies import configure_union_passthrough

from gateway.durations import seconds
from gateway.model import Json, Path
from gateway.settings import FileText, Seconds

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]
KINDS: tuple[tuple[type, tuple[type, ...], str], ...] = (
    (str, (str,), "a string"),
    (bool, (bool,), "true or false"),
    (int, (int,), "a whole number"),
    (datetime, (date,), "a date or a time"),
)


READ_FILE: ContextVar[Callable[[str], str]] = ContextVar("read_file")
"""What reads the files that a table names, while the table is read. Raises ValueError."""


class Mistake(Exception):
    """A value is wrong: where it stands, and why, for a person."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class Mistakes(Exception):
    """All that is wrong with a value; at least one."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes


def structure(value: Json, kind: type[T], path: Path = ()) -> T:
    """`value` as a `kind`. `path` is where the value stands. Raises Mistakes."""
    try:
        return CONVERTER.structure(value, kind)
    except Exception as error:  # the classes of plugins may raise anything
        raise Mistakes(list(_mistakes(error, path))) from error


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """' (did you mean "timeout"?)', or "" when nothing is near."""
    near = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def names_of(kind: type) -> list[str]:
    """The names that a table of this attrs class may have."""
    if not attrs.has(kind):
        return []
    return [_written(one.name) for one in attrs.fields(kind) if one.init]


def name_of(value: Json) -> str:
    """What kind of TOML value it is, for a person."""
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case int():
            return "a number"
        case float():
            return "a number with a point"
    return "a date or a time"


def _mistakes(error: Exception, path: Path) -> Iterator[Mistake]:
    match error:
        case BaseValidationError():
            for inner in error.exceptions:
                yield from _mistakes(inner, (*path, *_steps(inner)))
        case ForbiddenExtraKeysError():
            known = names_of(error.cl)
            for name in error.extra_fields:
                yield Mistake((*path, name), f"unknown name{did_you_mean(name, known)}")
        case KeyError():
            yield Mistake(path, "is missing")
        case Mistake():
            yield Mistake((*path, *error.path), error.reason)
        case _:
            yield Mistake(path, str(error.args[0]) if error.args else type(error).__name__)


def _steps(error: Exception) -> Iterator[str | int]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            yield _written(note.name)
        elif isinstance(note, IterableValidationNote):
            yield note.index


def _written(name: str) -> str:
    return name.removesuffix("_")


def _make_converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    configure_union_passthrough(str | int | float | bool | None, converter)
    for kind, accepted, words in KINDS:
        converter.register_structure_hook(kind, _only(accepted, words))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_func(lambda kind: kind is Seconds, lambda v, _: seconds(v))
    converter.register_structure_hook_func(lambda kind: kind is FileText, _text_of_file)
    converter.register_structure_hook_func(_is_literal, _one_of)
    converter.register_structure_hook_factory(
        is_sequence, lambda kind: _first(list, "a list", list_structure_factory(kind, converter))
    )
    converter.register_structure_hook_factory(
        is_mapping, lambda kind: _first(dict, "a table", mapping_structure_factory(kind, converter))
    )
    converter.register_structure_hook_factory(
        attrs.has, lambda kind: _first(dict, "a table", _class_hook(kind, converter))
    )
    converter.register_structure_hook_func(
        lambda kind: hasattr(kind, "from_toml"), lambda value, kind: kind.from_toml(value)
    )
    return converter


def _class_hook(kind: Any, converter: Converter) -> Hook:
    renamed = {
        one.name: override(rename=_written(one.name))
        for one in attrs.fields(kind)
        if one.name.endswith("_")
    }
    return make_dict_structure_fn(kind, converter, **renamed)  # type: ignore[arg-type]


def _text_of_file(value: Json, _: object) -> str:
    if not isinstance(value, str):
        raise _wrong("a string", value)
    return READ_FILE.get()(value)


def _only(accepted: tuple[type, ...], words: str) -> Hook:
    def check(value: Any, _: object) -> Any:
        if isinstance(value, bool) and bool not in accepted:
            raise _wrong(words, value)
        if not isinstance(value, accepted):
            raise _wrong(words, value)
        return value

    return check


def _number(value: Any, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong("a number", value)
    return float(value)


def _first(kind: type[Any], words: str, then: Hook) -> Hook:
    """A hook that refuses all but `kind` and hands the rest on."""

    def check(value: Json, target: object) -> Json:
        if not isinstance(value, kind):
            raise _wrong(words, value)
        return then(value, target)

    return check


def _wrong(words: str, value: Json) -> ValueError:
    return ValueError(f"must be {words}, not {name_of(value)}")


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _one_of(value: Json, kind: Any) -> Json:
    words = get_args(kind)
    if value not in words:
        near = did_you_mean(value, map(str, words)) if isinstance(value, str) else ""
        raise ValueError(f"must be one of {', '.join(map(str, words))}{near}")
    return value


CONVERTER = _make_converter()
