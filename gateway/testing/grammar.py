"""Is this list of events a reply? The grammar of `gateway.events`, with readable complaints."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from gateway.events import (
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
    UsageSeen,
)


def complaints(events: Iterable[Event]) -> list[str]:
    """What is wrong with a whole reply, one sentence each; [] when nothing is."""
    reading = Reading()
    for place, event in enumerate(events):
        reading.take(place, event)
    reading.end()
    return reading.found


def check(events: Iterable[Event]) -> None:
    """Raise AssertionError with every complaint, and the events, numbered."""
    listed = list(events)
    found = complaints(listed)
    if found:
        numbered = (f"  {place}: {event!r:.200}" for place, event in enumerate(listed))
        raise AssertionError("\n".join([*found, "in these events:", *numbered]))


@define
class Reading:
    """How far a reply has been read: `take` its events in turn; `found` holds the complaints."""

    found: list[str] = field(factory=list)
    started: bool = False
    ended: bool = False
    failed: bool = False
    parts: dict[int, PartStart | OpaqueEvent] = field(factory=dict)
    open: set[int] = field(factory=set)
    sealed: set[int] = field(factory=set)

    def take(self, place: int, event: Event) -> None:
        if self.ended:
            self._complain(place, f"{_name(event)} stands after the end")
        if not self.started and not isinstance(event, Start | Ping | Failure):
            self._complain(place, f"{_name(event)} stands before Start")
            self.started = True  # one complaint is enough
        match event:
            case Start():
                self._start(place)
            case PartStart() | OpaqueEvent(index=int()):
                self._part(place, event)
            case Delta() | Sealed() | PartEnd():
                self._grow(place, event)
            case Finish():
                self._finish(place)
            case Failure():
                self.ended = self.failed = True
            case UsageSeen() | OpaqueEvent() | Ping():
                pass

    def end(self) -> None:
        if not self.ended:
            self.found.append("the events end without Finish or Failure")

    def _start(self, place: int) -> None:
        if self.started:
            self._complain(place, "a second Start")
        self.started = True

    def _part(self, place: int, event: PartStart | OpaqueEvent) -> None:
        assert event.index is not None
        expected = len(self.parts)
        if event.index in self.parts:
            self._complain(place, f"part {event.index} opens twice")
        elif event.index != expected:
            self._complain(place, f"part {event.index} opens where part {expected} is due")
        self.parts[event.index] = event
        if isinstance(event, PartStart):
            self.open.add(event.index)
            if event.kind == "tool_call" and not (event.id and event.name):
                self._complain(place, f"tool call {event.index} has no id or no name")

    def _grow(self, place: int, event: Delta | Sealed | PartEnd) -> None:
        index = event.index
        if index not in self.open:
            state = "already closed" if index in self.parts else "never opened"
            self._complain(place, f"{_name(event)} for part {index}, which was {state}")
        if isinstance(event, PartEnd):
            self.open.discard(index)
        if isinstance(event, Sealed):
            if index in self.sealed:
                self._complain(place, f"part {index} is sealed twice")
            self.sealed.add(index)

    def _finish(self, place: int) -> None:
        if self.open:
            listed = ", ".join(map(str, sorted(self.open)))
            self._complain(place, f"Finish while these parts are open: {listed}")
        self.ended = True

    def _complain(self, place: int, what: str) -> None:
        self.found.append(f"event {place}: {what}")


def _name(event: Event) -> str:
    return type(event).__name__
