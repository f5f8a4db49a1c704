"""What two streams of events must have in common to count as the same reply."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.errors import GatewayError
from gateway.events import (
    Delta,
    Event,
    Failure,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Sealed,
    Start,
    UsageSeen,
)
from gateway.fold import normal
from gateway.model import NO_EXTRA, Seal
from gateway.testing.comparing import evolve

SLOTS = ("thinking", "text", "media", "tool_call")


def plain_events(events: Iterable[Event]) -> list[Event]:
    """The normal form of a reply for comparison.

    Without `extra`, estimates of usage, the issuer of a seal, and all of an error but its message;
    empty arguments are written as "{}".
    """
    said = [event for event in normal(events) if not _is_guess(event)]
    return _with_arguments([_plain(event) for event in said])


def without_foreign(events: Iterable[Event], home: str) -> list[Event]:
    """`events` without what only other dialects than `home` know, its parts numbered anew."""
    kept = [e for e in events if not (isinstance(e, OpaqueEvent) and e.dialect != home)]
    opening = [e.index for e in kept if isinstance(e, PartStart | OpaqueEvent)]
    numbers = {index: number for number, index in enumerate(i for i in opening if i is not None)}
    return [
        event if (index := _index(event)) is None else evolve(event, index=numbers[index])
        for event in kept
    ]


def in_slots(events: Iterable[Event]) -> list[Event]:
    """`events` as a dialect tells them that has one place for each kind of part.

    All thinking first, then all text, then the calls in their order; neighbours of one kind join,
    but for calls. Parts in which nothing grows are left out, calls apart.
    """
    listed = normal(events)
    parts: dict[int, list[Event]] = {}
    for event in listed:
        if (index := _index(event)) is not None:
            parts.setdefault(index, []).append(event)
    ordered = _joined(sorted(parts.values(), key=lambda part: _slot(part[0])))
    body = [evolve(event, index=place) for place, part in enumerate(ordered) for event in part]
    outside = [event for event in listed if _index(event) is None]
    head = [event for event in outside if isinstance(event, Start | OpaqueEvent)]
    return normal([*head, *body, *outside[len(head) :]])


def _is_guess(event: Event) -> bool:
    return isinstance(event, UsageSeen) and event.usage.source == "estimated"


def _plain(event: Event) -> Event:
    match event:
        case Failure(error):
            return Failure(GatewayError(error.message))
        case UsageSeen(usage):
            return UsageSeen(evolve(usage, extra=NO_EXTRA))
        case Sealed(index, seal):
            return Sealed(index, Seal(seal.value, seal.dialect))
    return evolve(event, extra=NO_EXTRA) if hasattr(event, "extra") else event


def _with_arguments(events: list[Event]) -> list[Event]:
    """Give a call without arguments the empty object, which means the same."""
    grown = {event.index for event in events if isinstance(event, Delta)}
    out: list[Event] = []
    for event in events:
        out.append(event)
        if isinstance(event, PartStart) and event.kind == "tool_call" and event.tool == "function":
            out += [] if event.index in grown else [Delta(event.index, "{}")]
    return out


def _index(event: Event) -> int | None:
    index: int | None = getattr(event, "index", None)
    return index


def _slot(first: Event) -> int:
    return SLOTS.index(first.kind) if isinstance(first, PartStart) else len(SLOTS)


def _joined(parts: list[list[Event]]) -> list[list[Event]]:
    """`parts` with neighbours of one kind in one, and without those that hold nothing."""
    out: list[list[Event]] = []
    for part in parts:
        if not isinstance(part[0], PartStart) or part[0].kind == "tool_call":
            out.append(part)
        elif out and _slot(out[-1][0]) == _slot(part[0]):
            out[-1] = [*out[-1][:-1], *part[1:]]
        elif not isinstance(part[1], PartEnd):
            out.append(part)
    return out
