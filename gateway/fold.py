"""Whole replies and streams: fold one into the other, and compare streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import define, evolve, field

from gateway.errors import UpstreamError
from gateway.events import (
    NO_HEADERS,
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    Usage,
    UsageSeen,
)
from gateway.model import NO_EXTRA, Extra, Media, Opaque, Part, Seal, Text, Thinking, ToolCall


@define
class ChatReply:
    """A whole reply: the events of a stream, folded."""

    id: str | None
    model: str | None
    parts: list[Part]
    finish: Finish
    usage: Usage | None = None
    headers: Mapping[str, str] = NO_HEADERS
    extra: Extra = NO_EXTRA


@define
class _Growing:
    start: PartStart
    pieces: list[str] = field(factory=list)
    seal: Seal | None = None
    extra: Extra = NO_EXTRA


def collect(events: Iterable[Event]) -> ChatReply:
    """Fold a stream into the reply that it stands for, parts ordered by index.

    Raises the error of a `Failure`, and UpstreamError when the events end without a `Finish`.
    """
    start, usage, finish = Start(), None, None
    growing: dict[int, _Growing] = {}
    opaque: dict[int, Opaque] = {}
    for event in events:
        match event:
            case Delta():
                growing[event.index].pieces.append(event.text)
            case PartStart():
                growing[event.index] = _Growing(event)
            case Sealed():
                growing[event.index].seal = event.seal
            case PartEnd():
                growing[event.index].extra = event.extra
            case UsageSeen():
                usage = usage.merged(event.usage) if usage else event.usage
            case Start():
                start = event
            case Finish():
                finish = event
            case Failure():
                raise event.error
            case OpaqueEvent(index=int(index)):
                opaque[index] = Opaque(event.dialect, event.raw)
            case Ping() | OpaqueEvent():
                pass
    if finish is None:
        raise UpstreamError.truncated()
    parts: dict[int, Part] = {**{i: _grown(g) for i, g in growing.items()}, **opaque}
    ordered = [parts[index] for index in sorted(parts)]
    return ChatReply(start.id, start.model, ordered, finish, usage, start.headers, start.extra)


def replay(reply: ChatReply) -> list[Event]:
    """The shortest stream that folds into `reply`."""
    events: list[Event] = [Start(reply.id, reply.model, reply.headers, reply.extra)]
    for index, part in enumerate(reply.parts):
        events += _part_events(index, part)
    if reply.usage:
        events.append(UsageSeen(reply.usage))
    return [*events, reply.finish]


def normal(events: Iterable[Event]) -> list[Event]:
    """The form in which two streams are compared.

    Joins neighbouring deltas of one part, drops empty ones, puts interleaved parts in the order
    of their index, merges the readings of usage into one before the end, and drops pings.
    """
    head: list[Event] = []
    parts: dict[int, list[Event]] = {}
    usage: Usage | None = None
    tail: list[Event] = []
    for event in events:
        match event:
            case Ping():
                continue
            case UsageSeen():
                usage = usage.merged(event.usage) if usage else event.usage
            case Delta(text=""):
                continue
            case Delta():
                _join(parts.setdefault(event.index, []), event)
            case PartStart() | Sealed() | PartEnd() | OpaqueEvent(index=int()):
                parts.setdefault(event.index, []).append(event)  # type: ignore[arg-type]
            case Start() | OpaqueEvent():
                head.append(event)
            case Finish() | Failure():
                tail.append(event)
    body = [event for index in sorted(parts) for event in parts[index]]
    return [*head, *body, *([UsageSeen(usage)] if usage else []), *tail]


def _join(part: list[Event], delta: Delta) -> None:
    last = part[-1] if part else None
    if isinstance(last, Delta):
        part[-1] = evolve(last, text=last.text + delta.text)
    else:
        part.append(delta)


def _grown(grown: _Growing) -> Part:
    start, text = grown.start, "".join(grown.pieces)
    extra = {**start.extra, **grown.extra} if grown.extra else start.extra
    match start.kind:
        case "text":
            return Text(text, seal=grown.seal, extra=extra)
        case "thinking":
            return Thinking(text, redacted=start.redacted, seal=grown.seal, extra=extra)
        case "media":
            kind, mime = _media_kind(start.mime), start.mime
            return Media(kind, mime=mime, data=text, extra=extra)
        case "tool_call":
            return ToolCall(
                id=start.id or "",
                name=start.name or "",
                arguments=text,
                kind=start.tool,
                namespace=start.namespace,
                seal=grown.seal,
                extra=extra,
            )


def _media_kind(mime: str | None) -> Literal["image", "document", "audio", "video"]:
    head = (mime or "").split("/")[0]
    return head if head in ("image", "audio", "video") else "document"  # type: ignore[return-value]


def _part_events(index: int, part: Part) -> list[Event]:
    match part:
        case Text():
            start, text = PartStart(index, "text", extra=part.extra), part.text
        case Thinking():
            start = PartStart(index, "thinking", redacted=part.redacted, extra=part.extra)
            text = part.text
        case Media():
            start = PartStart(index, "media", mime=part.mime, extra=part.extra)
            text = part.data or ""
        case ToolCall():
            start = PartStart(
                index,
                "tool_call",
                id=part.id,
                name=part.name,
                namespace=part.namespace,
                tool=part.kind,
                extra=part.extra,
            )
            text = part.arguments
        case Opaque():
            return [OpaqueEvent(part.dialect, part.raw, index)]
        case _:
            raise TypeError(f"{type(part).__name__} is not part of a reply")
    seal = None if isinstance(part, Media) else part.seal
    deltas: list[Event] = [Delta(index, text)] if text else []
    seals: list[Event] = [Sealed(index, seal)] if seal else []
    return [start, *deltas, *seals, PartEnd(index)]
