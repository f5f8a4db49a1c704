"""Events as one body, for a client that said `stream: false`."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import assert_never

import orjson
from attrs import define, field

from gateway.events import Event, OpaqueEvent, PartStart, Start
from gateway.fold import collect
from gateway.losses import Losses
from gateway.model import (
    ChatRequest,
    Json,
    Media,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway_ollama.encode import NO_PLACE, NO_REDACTED, REDACTED
from gateway_ollama.ending import Clock, head_of, last_fields, message_fields, note_start
from gateway_ollama.fields import note_reply
from gateway_ollama.shapes import shape_of
from gateway_ollama.write_call import write_call


@define
class _Said:
    """The message in the making."""

    losses: Losses
    text: list[str] = field(factory=list)
    thoughts: list[str] = field(factory=list)
    calls: list[Json] = field(factory=list)
    images: list[str] = field(factory=list)

    def add(self, part: Part) -> None:
        match part:
            case Text():
                self._add_text(part, self.text)
            case Thinking():
                self._add_text(part, self.thoughts)
            case ToolCall():
                self._note_seal(part)
                number = len(self.calls)
                self.calls.append(
                    write_call(number, part.id, part.name, part.arguments, part.extra, self.losses)
                )
            case Media():
                note_reply(part.extra, self.losses)
                self.images.append(part.data or "")
            case Opaque():
                pass
            case ToolResult():
                self.losses.add("reply", "a tool result is no part of a reply here")
            case _:
                assert_never(part)

    def more(self) -> dict[str, Json]:
        """What it has beside its text."""
        said = {
            "thinking": "".join(self.thoughts),
            "images": self.images,
            "tool_calls": self.calls,
        }
        return {name: value for name, value in said.items() if value}

    def _add_text(self, part: Text | Thinking, texts: list[str]) -> None:
        note_reply(part.extra, self.losses)
        self._note_seal(part)
        if isinstance(part, Thinking) and part.redacted:
            self.losses.add(REDACTED, NO_REDACTED, "hint")
        texts.append(part.text)

    def _note_seal(self, part: Text | Thinking | ToolCall) -> None:
        if part.seal is not None and part.seal.value:
            self.losses.add_seal("reply.seal", NO_PLACE, "hint")


class BodyEncoder:
    """A writer that gives the whole body at the end."""

    content_type = "application/json"

    def __init__(
        self, request: ChatRequest, losses: Losses, now: Callable[[], float] = time
    ) -> None:
        self._request = request
        self._losses = losses
        self._now = now
        self._clock = Clock(now())
        self._events: list[Event] = []

    def feed(self, events: list[Event]) -> bytes:
        if self._clock.began is None and any(isinstance(one, PartStart) for one in events):
            self._clock.began = self._now()
        self._events += events
        return b""

    def close(self) -> bytes:
        reply = collect(self._events)
        said = _Said(self._losses)
        for part in reply.parts:
            said.add(part)
        for event in self._events:
            if isinstance(event, OpaqueEvent):
                self._losses.add("reply", f"a piece that only {event.dialect} knows")
        start, now = Start(reply.id, reply.model, extra=reply.extra), self._now()
        note_start(start, self._losses)
        more = {**said.more(), **message_fields(reply.finish)}
        durations = self._clock.durations(now)
        body = {
            **head_of(start, self._request, now),
            **shape_of(self._request).fields("".join(said.text), more),
            **last_fields(reply.finish, reply.usage, durations, self._losses),
        }
        return orjson.dumps(body)
