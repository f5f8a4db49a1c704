"""What two requests, or two whole replies, must have in common to count as equal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import attrs
import orjson

from gateway.fold import ChatReply
from gateway.model import ChatRequest, Json, ToolCall

T = TypeVar("T")

evolve: Callable[..., Json] = attrs.evolve
"""`attrs.evolve` for a value whose class is only known at run time."""
fields: Callable[[type], tuple[Json, ...]] = attrs.fields
"""`attrs.fields`, likewise."""


def bare(value: T) -> T:
    """`value` without notes on wire form (`$…`), and with arguments as compact JSON.

    For requests and replies alike: arguments of "" and "{}" are the same call.
    """
    if isinstance(value, list):
        return [bare(item) for item in value]  # type: ignore[return-value]
    if isinstance(value, ToolCall) and value.kind == "function":
        value = evolve(value, arguments=settled(value.arguments))
    if isinstance(value, type) or not attrs.has(type(value)):
        return value
    changes = {
        item.name: _noteless(old) if item.name == "extra" else bare(old)
        for item in fields(type(value))
        if item.init and (old := getattr(value, item.name)) is not None
    }
    return evolve(value, **changes)  # type: ignore[no-any-return]


def blanked(value: T, lacks: Collection[str]) -> T:
    """`value` without what `lacks` names.

    "Sampling.top_k" is a field of a class, "*.cache_control" of every class; a class alone,
    "Thinking", drops its instances from lists.
    """
    if isinstance(value, list):
        kept = [item for item in value if type(item).__name__ not in lacks]
        return [blanked(item, lacks) for item in kept]  # type: ignore[return-value]
    if isinstance(value, type) or not attrs.has(type(value)):
        return value
    changes = {item.name: _blank(item, value, lacks) for item in fields(type(value)) if item.init}
    return evolve(value, **changes)  # type: ignore[no-any-return]


def plain_request(request: ChatRequest) -> ChatRequest:
    """A request for comparison: without notes on form and the issuer of seals."""
    return blanked(bare(request), {"Seal.upstream", "Seal.model"})


def plain_reply(reply: ChatReply) -> ChatReply:
    """A whole reply for comparison: without `extra` and the issuer of seals."""
    return bare(blanked(reply, {"*.extra", "Seal.upstream", "Seal.model"}))


def settled(arguments: str) -> str:
    """Arguments as compact JSON; as they are when they are not JSON."""
    try:
        return orjson.dumps(orjson.loads(arguments or "{}")).decode()
    except orjson.JSONDecodeError:
        return arguments


def _noteless(extra: Mapping[str, Mapping[str, Json]]) -> dict[str, dict[str, Json]]:
    kept = {
        dialect: {key: value for key, value in found.items() if not key.startswith("$")}
        for dialect, found in extra.items()
    }
    return {dialect: found for dialect, found in kept.items() if found}


def _blank(item: Json, value: object, lacks: Collection[str]) -> Json:
    """The default of a field that is lacking, else its value, blanked in turn."""
    old = getattr(value, item.name)
    if f"{type(value).__name__}.{item.name}" in lacks or f"*.{item.name}" in lacks:
        made = getattr(item.default, "factory", None)
        return made() if made else None if item.default is attrs.NOTHING else item.default
    return blanked(old, lacks) if old is not None else None
