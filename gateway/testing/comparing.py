"""What two requests or replies must have in common to count as equal."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

import attrs
import orjson

from gateway.errors import GatewayError
from gateway.events import Delta, Event, Failure, OpaqueEvent, PartStart, Sealed, Start, UsageSeen
from gateway.fold import ChatReply, normal
from gateway.model import NO_EXTRA, ChatRequest, Seal, ToolCall

T = TypeVar("T")


def bare(value: T) -> T:
    """`value` without notes on wire form (`$…`), and with arguments as compact JSON.

    For requests and replies alike: arguments of "" and "{}" are the same call.
    """
    if isinstance(value, list):
        return [bare(item) for item in value]  # type: ignore[return-value]
    if isinstance(value, ToolCall) and value.kind == "function":
        value = attrs.evolve(value, arguments=settled(value.arguments))
    if isinstance(value, type) or not attrs.has(type(value)):
        return value
    changes = {
        item.name: _noteless(old) if item.name == "extra" else bare(old)
        for item in attrs.fields(type(value))
        if item.init and (old := getattr(value, item.name)) is not None
    }
    return attrs.evolve(value, **changes)  # type: ignore[type-var]


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
    changes = {
        item.name: _blank(item, value, lacks) for item in attrs.fields(type(value)) if item.init
    }
    return attrs.evolve(value, **changes)  # type: ignore[type-var]


def plain_events(events: Iterable[Event]) -> list[Event]:
    """The normal form of a reply for comparison.

    Without `extra`, estimates of usage, the issuer of a seal, and all of an error but its message;
    empty arguments are written as "{}".
    """
    out: list[Event] = []
    for event in normal(events):
        if isinstance(event, UsageSeen) and event.usage.source == "estimated":
            continue
        if isinstance(event, Failure):
            event = Failure(GatewayError(event.error.message))
        if isinstance(event, Sealed):
            event = attrs.evolve(event, seal=_unissued(event.seal))
        if hasattr(event, "extra"):
            event = attrs.evolve(event, extra=NO_EXTRA)
        if hasattr(event, "usage"):
            event = attrs.evolve(event, usage=attrs.evolve(event.usage, extra=NO_EXTRA))
        out.append(event)
    return _with_arguments(out)


def without_foreign(events: Iterable[Event], home: str) -> list[Event]:
    """`events` without what only other dialects than `home` know, its parts numbered anew."""
    kept = [e for e in events if not (isinstance(e, OpaqueEvent) and e.dialect != home)]
    opening = [e.index for e in kept if isinstance(e, PartStart | OpaqueEvent)]
    numbers = {index: number for number, index in enumerate(i for i in opening if i is not None)}
    return [
        attrs.evolve(e, index=numbers[e.index]) if getattr(e, "index", None) is not None else e
        for e in kept
    ]


def in_slots(events: Iterable[Event]) -> list[Event]:
    """`events` as a dialect tells them that has one place for each kind of part.

    All thinking first, then all text, then the calls in their order; neighbours of one kind join,
    but for calls. Parts in which nothing grows are left out, calls apart.
    """
    listed = normal(events)
    parts: dict[int, list[Event]] = {}
    for event in listed:
        if (index := getattr(event, "index", None)) is not None:
            parts.setdefault(index, []).append(event)
    ordered = _joined(sorted(parts.values(), key=lambda part: _slot(part[0])))
    body = [attrs.evolve(e, index=n) for n, part in enumerate(ordered) for e in part]  # type: ignore[call-arg]
    outside = [e for e in listed if getattr(e, "index", None) is None]
    head = [e for e in outside if isinstance(e, Start | OpaqueEvent)]
    return normal([*head, *body, *outside[len(head) :]])


def plain_reply(reply: ChatReply) -> ChatReply:
    """A whole reply for comparison, like `plain_events`."""
    return bare(blanked(reply, {"*.extra", "Seal.upstream", "Seal.model"}))


def plain_request(request: ChatRequest) -> ChatRequest:
    """A request for comparison: without notes on form and the issuer of seals."""
    return blanked(bare(request), {"Seal.upstream", "Seal.model"})


def settled(arguments: str) -> str:
    """Arguments as compact JSON; as they are when they are not JSON."""
    try:
        return orjson.dumps(orjson.loads(arguments or "{}")).decode()
    except orjson.JSONDecodeError:
        return arguments


def _slot(first: Event) -> int:
    kinds = ("thinking", "text", "media", "tool_call")
    return kinds.index(first.kind) if isinstance(first, PartStart) else len(kinds)


def _joined(parts: list[list[Event]]) -> list[list[Event]]:
    """`parts` with neighbours of one kind in one, and without those that hold nothing."""
    out: list[list[Event]] = []
    for part in parts:
        first, last = part[0], out[-1][0] if out else None
        call = isinstance(first, PartStart) and first.kind == "tool_call"
        if not call and len(part) <= len((first, "end")) and isinstance(first, PartStart):
            continue
        if isinstance(last, PartStart) and not call and _slot(last) == _slot(first):
            out[-1] = [*out[-1][:-1], *part[1:]]
        else:
            out.append(part)
    return out


def _noteless(extra: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    kept = {
        dialect: {key: value for key, value in fields.items() if not key.startswith("$")}
        for dialect, fields in extra.items()
    }
    return {dialect: fields for dialect, fields in kept.items() if fields}


def _blank(item: attrs.Attribute[Any], value: Any, lacks: Collection[str]) -> Any:
    old = getattr(value, item.name)
    if f"{type(value).__name__}.{item.name}" in lacks or f"*.{item.name}" in lacks:
        default = item.default
        if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
            return default.factory()  # type: ignore[union-attr]
        return None if default is attrs.NOTHING else default
    return blanked(old, lacks) if old is not None else None


def _unissued(seal: Seal) -> Seal:
    return Seal(seal.value, seal.dialect)


def _with_arguments(events: list[Event]) -> list[Event]:
    """Give a call without arguments the empty object, which means the same."""
    grown = {event.index for event in events if isinstance(event, Delta)}
    out: list[Event] = []
    for event in events:
        out.append(event)
        if isinstance(event, PartStart) and event.kind == "tool_call" and event.tool == "function":
            out += [] if event.index in grown else [Delta(event.index, "{}")]
    return out
