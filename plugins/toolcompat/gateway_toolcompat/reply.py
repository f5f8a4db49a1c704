"""Read a reply's events: calls that stand in its text become tool calls, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Literal

from attrs import define, evolve, field

from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    FinishReason,
    OpaqueEvent,
    PartEnd,
    PartStart,
    Ping,
    Sealed,
    Start,
    UsageSeen,
)
from gateway.model import NO_EXTRA, Extra
from gateway_toolcompat.plan import Plan
from gateway_toolcompat.scanner import Broken, Cut, Piece, Scanner, Thought, Words
from gateway_toolcompat.toolbox import Call, Problem

NO_CALL = Problem("it calls no tool, and a tool must be called now")
KEPT: frozenset[FinishReason] = frozenset({"refusal", "content_filter"})
"""Finish reasons that hold even when there was a call."""


def new_id() -> str:
    return f"call_{token_hex(12)}"


@define
class Reading:
    """One reply.

    live: what is given goes straight to the client, so that it can't be taken back.
    over: the reply is at its end for the client, whatever else the upstream may send.
    again: why the model must be asked again; nothing of this reply is to be shown then.
    said: the reply as the model wrote it, for that purpose.
    """

    plan: Plan
    live: bool
    make_id: Callable[[], str] = new_id
    over: bool = False
    again: Problem | None = None
    said: str = ""
    cut: bool = False
    """The end was not the upstream's: `end` gives it."""
    started: bool = False
    usage_seen: bool = False
    _scanner: Scanner = field(init=False)
    _thoughts: Scanner = field(init=False)
    _thought_calls: list[Call] = field(factory=list)
    _indexes: dict[int, int] = field(factory=dict)
    """The client's index of each of the upstream's parts that go on as they are."""
    _thinking: set[int] = field(factory=set)
    _texts: set[int] = field(factory=set)
    _next: int = 0
    _open: tuple[str, int] | None = None
    """Our own part that is open: its kind and index."""
    _extra: Extra = NO_EXTRA
    _held: list[Piece] | None = None
    """Pieces that wait until it is known whether a call comes; None: none wait."""
    _shown: bool = False
    _calls: int = 0
    _worded: bool = False

    def __attrs_post_init__(self) -> None:
        self._scanner = Scanner(self.plan.box, one=self.plan.one)
        self._thoughts = Scanner(self.plan.box, one=self.plan.one, marks=False)
        self._held = [] if self.plan.must_call else None

    def feed(self, events: list[Event]) -> list[Event]:
        """What the client gets of these events."""
        out: list[Event] = []
        for event in events:
            if self.over:
                break
            self._take(event, out)
        return out

    def end(self) -> list[Event]:
        """The end of a reply that was cut where the model went on by itself."""
        out: list[Event] = []
        self._close_part(out)
        out.append(Finish("tool_use" if self._calls else "stop"))
        return out

    # --- events of the upstream ---

    def _take(self, event: Event, out: list[Event]) -> None:
        match event:
            case PartStart(kind="text"):
                self._texts.add(event.index)
                self._extra = event.extra
            case Delta() if event.index in self._texts:
                self.said += event.text
                self._pieces(self._scanner.feed(event.text), out)
            case PartEnd() | Sealed() if event.index in self._texts:
                self._text_state(event, out)
            case PartStart():
                self._other_part(event, out)
            case Delta() | PartEnd() | Sealed():
                self._pass(event, out)
            case OpaqueEvent(index=int()):
                self._flush(out)
                out.append(evolve(event, index=self._new_index()))
                self._shown = True
            case Finish():
                self._finish(event, out)
            case Failure():
                self._pieces(self._scanner.close(cut_short=True), out)
                self._release(out)
                out.append(event)
                self.over = True
            case UsageSeen():
                self.usage_seen = True
                out.append(event)
            case Start():
                self.started = True
                out.append(event)
            case Ping() | OpaqueEvent():
                out.append(event)

    def _text_state(self, event: PartEnd | Sealed, out: list[Event]) -> None:
        """What belongs to a text as a whole goes to the text that is open now, if one is."""
        if isinstance(event, PartEnd):
            return
        if self._open is not None and self._open[0] == "text":
            out.append(evolve(event, index=self._open[1]))
        else:
            self.plan.losses.add("reply.seal", "the text it sealed became a call")

    def _other_part(self, event: PartStart, out: list[Event]) -> None:
        self._flush(out)
        index = self._indexes[event.index] = self._new_index()
        if event.kind == "thinking":
            self._thinking.add(event.index)
        else:
            self._release(out)
            self._shown = True
        if event.kind == "tool_call":
            self.plan.counts.native += 1
            self._calls += 1
        out.append(evolve(event, index=index))

    def _pass(self, event: Delta | PartEnd | Sealed, out: list[Event]) -> None:
        if isinstance(event, Delta) and event.index in self._thinking:
            self._rehearsed(self._thoughts.feed(event.text))
            self._shown = True
        out.append(evolve(event, index=self._indexes.get(event.index, event.index)))

    def _flush(self, out: list[Event]) -> None:
        """A part of another kind comes: what the text so far holds is settled, and it ends."""
        self._pieces(self._scanner.close(), out)
        self._close_part(out)

    def _finish(self, event: Finish, out: list[Event]) -> None:
        cut_short = event.reason == "length"
        self._pieces(self._scanner.close(cut_short=cut_short), out)
        self._rehearsed(self._thoughts.close(cut_short=cut_short))
        if self.over:
            return
        if not self._calls and not self._worded and not self._held:
            for call in self._thought_calls[: 1 if self.plan.one else None]:
                self._call(call, out)
        if self.plan.must_call and not self._calls and self._ask_again(NO_CALL):
            return
        self._release(out)
        self._close_part(out)
        reason: FinishReason = event.reason
        if self._calls and reason not in KEPT:
            event = evolve(event, reason="tool_use", stop_sequence=None)
        out.append(event)
        self.over = True

    def _rehearsed(self, pieces: list[Piece]) -> None:
        """Calls inside a thought are carried out only if the reply itself then says nothing."""
        self._thought_calls += [piece for piece in pieces if isinstance(piece, Call)]

    # --- pieces of the text ---

    def _pieces(self, pieces: list[Piece], out: list[Event]) -> None:
        for piece in pieces:
            if self.over:
                return
            if isinstance(piece, Call):
                self._release_words(out)
                self._call(piece, out)
            elif isinstance(piece, Broken) and self._calls:
                self.plan.counts.failed += 1
            elif isinstance(piece, Broken) and self._ask_again(piece.problem):
                return
            elif isinstance(piece, Cut):
                self._release(out)
                self.over = self.cut = True
            elif self._held is not None:
                self._held.append(piece)
            elif isinstance(piece, Broken):
                self._held = [piece]
            else:
                self._show(piece, out)

    def _show(self, piece: Piece, out: list[Event]) -> None:
        match piece:
            case Words():
                self._grow("text", piece.text, out)
                self._worded = self._worded or bool(piece.text.strip())
            case Thought():
                self._rehearsed(self._thoughts.feed(piece.text))
                self._grow("thinking", piece.text, out)

    def _grow(self, kind: Literal["text", "thinking"], text: str, out: list[Event]) -> None:
        if self._open is None or self._open[0] != kind:
            self._close_part(out)
            self._open = kind, self._new_index()
            extra = self._extra if kind == "text" else NO_EXTRA
            out.append(PartStart(self._open[1], kind, extra=extra))
        out.append(Delta(self._open[1], text))
        self._shown = True

    def _call(self, call: Call, out: list[Event]) -> None:
        self._close_part(out)
        index = self._new_index()
        tool = call.tool
        start = PartStart(
            index, "tool_call", self.make_id(), tool.name, tool.namespace, tool=tool.kind
        )
        deltas: list[Event] = [Delta(index, call.arguments)] if call.arguments else []
        out += [start, *deltas, PartEnd(index)]
        self._calls += 1
        self._shown = True
        if call.repaired:
            self.plan.counts.repaired += 1
        else:
            self.plan.counts.parsed += 1

    def _release(self, out: list[Event]) -> None:
        """Show what was held; broken calls too, since no call was found."""
        held, self._held = self._held or [], None
        for piece in held:
            broken = isinstance(piece, Broken)
            self.plan.counts.failed += broken
            self._show(Words(piece.source) if isinstance(piece, Broken) else piece, out)

    def _release_words(self, out: list[Event]) -> None:
        """Show what was held, but no broken calls: there is a whole one after them."""
        held = self._held or []
        self._held = [piece for piece in held if not isinstance(piece, Broken)]
        self.plan.counts.failed += len(held) - len(self._held)
        self._release(out)

    def _ask_again(self, problem: Problem) -> bool:
        """Whether the model is asked again: once, and only while nothing was shown."""
        if not self.plan.tries or self._calls or (self.live and self._shown):
            return False
        self.again, self.over = problem, True
        return True

    def _close_part(self, out: list[Event]) -> None:
        if self._open is not None:
            out.append(PartEnd(self._open[1]))
            self._open = None

    def _new_index(self) -> int:
        self._next += 1
        return self._next - 1
