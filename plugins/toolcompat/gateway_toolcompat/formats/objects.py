"""Calls written as JSON objects, under whatever keys a model has learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from gateway.model import Json
from gateway_toolcompat import repair
from gateway_toolcompat.raw import RawCall

NAMES = ("name", "tool_name", "function_name", "tool", "function", "recipient_name", "action")
ARGUMENTS = ("arguments", "parameters", "args", "params", "input", "tool_input", "action_input")
MARKS = frozenset({"id", "index", "call_id"})
KINDS = ("function", "tool_call", "tool_use", "function_call")
"""Keys, and types, that stand beside a call and are no arguments."""


def calls_in(text: str) -> list[RawCall]:
    """The calls in a JSON text: one object, a list of them, or several after each other."""
    mended = repair.load(text)
    if mended is None:
        return []
    values = mended.value if isinstance(mended.value, list) else [mended.value]
    found = [call for value in values for call in _calls(value)]
    return [
        evolve(
            call,
            repaired=call.repaired or mended.repaired,
            whole=call.whole and mended.whole,
        )
        for call in found
    ]


def with_arguments(name: str, text: str) -> RawCall:
    """A call whose name stands outside the JSON text of its arguments."""
    mended = repair.load(text)
    if mended is None:
        return RawCall(name, {} if not text.strip() else text)
    if not isinstance(mended.value, dict):
        return RawCall(name, text, repaired=True)
    inner = _wrapped(name, mended.value)
    return RawCall(name, inner, repaired=mended.repaired, whole=mended.whole)


def _wrapped(name: str, value: dict[str, Json]) -> dict[str, Json]:
    """The arguments in an object that repeats the whole call around them."""
    if value.get("name") == name and len(value) == 2:
        for key in ARGUMENTS:
            if isinstance(value.get(key), dict):
                return value[key]  # type: ignore[no-any-return]
    return value


def _calls(value: Json) -> Iterator[RawCall]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("tool_calls"), list):
        for inner in value["tool_calls"]:
            yield from _calls(inner)
        return
    function = value.get("function")
    if isinstance(function, dict):
        yield from _calls(function)
        return
    for key in NAMES:
        name = value.get(key)
        if isinstance(name, str) and name:
            yield _call(name, key, value)
            return


def _call(name: str, key: str, value: Mapping[str, Json]) -> RawCall:
    for place in ARGUMENTS:
        if place in value:
            beside = {k: v for k, v in value.items() if k not in (key, place) and not _marks(k, v)}
            return evolve(_given(name, value[place]), beside=beside)
    rest = {k: v for k, v in value.items() if k != key and not _marks(k, v)}
    return RawCall(name, rest, repaired=bool(rest))


def _marks(key: str, value: Json) -> bool:
    return key in MARKS or (key == "type" and value in KINDS)


def _given(name: str, given: Json) -> RawCall:
    if isinstance(given, dict):
        return RawCall(name, given)
    if given is None or given == "":
        return RawCall(name, {})
    if isinstance(given, str):
        return with_arguments(name, given)
    return RawCall(name, {"": given}, repaired=True)
