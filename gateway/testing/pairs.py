"""Two dialects, one at each side of the gateway: what a reply must keep on its way across."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from attrs import define, field, frozen

from gateway.attempt import Attempt
from gateway.errors import GatewayError
from gateway.events import Delta, Event, Failure, Finish, FinishReason, PartStart, UsageSeen
from gateway.fold import normal
from gateway.testing.comparing import settled
from gateway.testing.journeys import asked
from gateway.testing.subject import Subject

NEAR: Mapping[FinishReason, FinishReason] = MappingProxyType(
    {
        "stop_sequence": "stop",
        "pause": "stop",
        "content_filter": "refusal",
        "context_exceeded": "length",
    }
)
"""Finish reasons that not every dialect tells apart."""


@frozen
class CalledTool:
    id: str | None
    name: str | None
    arguments: str


@define
class Essence:
    """What every dialect can say, and so none may lose or change.

    tokens: input and output; None when nobody counted. failed: the error's message.
    """

    text: str = ""
    thinking: str = ""
    calls: list[CalledTool] = field(factory=list)
    finish: FinishReason | None = None
    tokens: tuple[int | None, int | None] | None = None
    failed: str | None = None


def essence(events: Iterable[Event]) -> Essence:
    """What a reply says. Estimated tokens don't count; arguments are compared as JSON."""
    out, starts, grown = Essence(), dict[int, PartStart](), dict[int, str]()
    for event in normal(events):
        match event:
            case PartStart():
                starts[event.index], grown[event.index] = event, ""
            case Delta():
                grown[event.index] += event.text
            case UsageSeen(usage) if usage.source != "estimated":
                out.tokens = (usage.input, usage.output)
            case Finish():
                out.finish = NEAR.get(event.reason, event.reason)
            case Failure():
                out.failed = event.error.message
            case _:
                pass
    for index, start in starts.items():
        _add(out, start, grown[index])
    return out


def across(
    subject: Subject, upstream: str, client: str, pieces: Iterable[bytes], *, stream: bool
) -> tuple[bytes, Attempt]:
    """The client's bytes for an upstream's bytes, encoded as they come; and the attempt's ledger.

    Raises the error of a failed whole reply.
    """
    attempt = subject.attempt(upstream, client, stream=stream)
    decoder = subject.decoder(upstream, attempt, stream=stream)
    encoder = subject.encoder(client, asked(subject, client, stream=stream), attempt)
    sent = [encoder.feed(decoder.feed(piece)) for piece in pieces]
    return b"".join([*sent, encoder.feed(decoder.close()), encoder.close()]), attempt


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def body_or_error(
    subject: Subject, upstream: str, client: str, body: bytes
) -> bytes | GatewayError:
    """The client's whole body for an upstream's, or the error that the client gets instead."""
    try:
        return across(subject, upstream, client, [body], stream=False)[0]
    except GatewayError as error:
        return error


def _add(out: Essence, start: PartStart, grown: str) -> None:
    if start.kind == "text":
        out.text += grown
    elif start.kind == "thinking":
        out.thinking += grown
    elif start.kind == "tool_call":
        out.calls.append(CalledTool(start.id, start.name, settled(grown)))
