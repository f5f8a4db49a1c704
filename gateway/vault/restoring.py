"""Put the seals of kept turns back into a history that came without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import define, evolve, field

from gateway.attempt import Target
from gateway.model import Message, Part, Seal, Text, Thinking, ToolCall, ToolResult
from gateway.seals import belongs_to
from gateway.vault.keys import Call, bare, call_key, text_digest, turn_key
from gateway.vault.turn import KeptPart, KeptTurn

Find = Callable[[Sequence[bytes]], Mapping[bytes, KeptTurn]]


@define
class Run:
    """Neighbouring messages of the assistant: one turn. before: the messages right before it."""

    at: int
    messages: list[Message]
    before: Sequence[Message]

    @property
    def calls(self) -> list[ToolCall]:
        return [part for one in self.messages for part in one.parts if isinstance(part, ToolCall)]

    @property
    def text(self) -> str:
        parts = (part for one in self.messages for part in one.parts)
        return "".join(part.text for part in parts if isinstance(part, Text))

    @property
    def can_be_seen(self) -> bool:
        return bool(self.calls or bare(self.text))

    def key(self, owner: str | None, origin: str) -> bytes:
        """What it is found by where its calls' ids are not known."""
        calls: list[Call] = [(call.name, call.arguments) for call in self.calls]
        return turn_key(owner, origin, self.before, self.text, calls)


def restored(
    messages: list[Message], target: Target, owner: str | None, origin: str, find: Find
) -> list[Message]:
    """`messages` with what the client left out; the same list where nothing is found."""
    runs = list(_runs(messages))
    found = _found(runs, owner, origin, find)
    if not found:
        return messages
    out, renamed = list(messages), dict[str, str]()
    known = {call.id for run in runs for call in run.calls}
    for at, turn in found.items():
        run = runs[at]
        mending = Mending(_own(turn, target), known, renamed)
        out[run.at : run.at + len(run.messages)] = mending.mended(run.messages)
    return [_answering(message, renamed) for message in out] if renamed else out


def _found(runs: Sequence[Run], owner: str | None, origin: str, find: Find) -> dict[int, KeptTurn]:
    """The kept turns by the places of their runs: as they look, else by the id of a call.

    Some providers count their ids anew in each turn, so that a call must be the same, too.
    """
    looks = {run.key(owner, origin): at for at, run in enumerate(runs) if run.can_be_seen}
    found = {looks[key]: turn for key, turn in find(list(looks)).items()}
    calls = {
        call_key(owner, origin, call.id): (at, call)
        for at, run in enumerate(runs)
        for call in (run.calls if at not in found else ())
    }
    for key, turn in find(list(calls)).items() if calls else ():
        at, call = calls[key]
        if any(one.is_call(call) for one in turn.parts):
            found[at] = turn
    return found


@define
class Mending:
    """One turn on its way back. known: the ids in the whole history. renamed: old ids to new."""

    kept: Sequence[KeptPart]
    known: set[str]
    renamed: dict[str, str]
    _next: int = 0
    _used: set[int] = field(factory=set)

    def mended(self, messages: list[Message]) -> list[Message]:
        """The turn's messages with their seals, and with the thoughts that they lack."""
        if any(_is_sealed(part) for one in messages for part in one.parts):
            self.kept = [one for one in self.kept if one.kind != "thinking"]
        anew = any(one.kind == "thinking" for one in self.kept)
        out = [evolve(one, parts=list(self._parts(one.parts, anew))) for one in messages]
        last = out[-1]
        ends = [one.made() for one in self.kept[self._next :] if one.kind == "text" and one.hidden]
        out[-1] = evolve(last, parts=[*last.parts, *ends])
        return out

    def _parts(self, parts: list[Part], anew: bool) -> Iterator[Part]:
        """anew: the client's own thoughts give way to the kept ones, which are whole."""
        for part in parts:
            if anew and isinstance(part, Thinking):
                continue
            at = self._match(part)
            if at is None:
                yield part
                continue
            yield from self._hidden_before(at)
            self._used.add(at)
            yield self._sealed(part, self.kept[at])

    def _match(self, part: Part) -> int | None:
        """Which kept part this is; None where none is known to be."""
        free = [(at, one) for at, one in enumerate(self.kept) if at not in self._used]
        match part:
            case ToolCall():
                calls = [(at, one) for at, one in free if one.kind == "call"]
                same = [at for at, one in calls if one.is_call(part)]
                by_id = [at for at in same if self.kept[at].id == part.id]
                return next(iter([*by_id, *same]), None)
            case Text():
                digest = text_digest(part.text)
                return next((at for at, one in free if digest and one.text == digest), None)
        return None

    def _hidden_before(self, at: int) -> Iterator[Part]:
        for one in self.kept[self._next : at]:
            if one.hidden:
                yield one.made()
        self._next = max(self._next, at + 1)

    def _sealed(self, part: Part, kept: KeptPart) -> Part:
        if isinstance(part, ToolCall):
            return evolve(part, seal=part.seal or kept.seal, id=self._id(part, kept))
        if isinstance(part, Text) and part.seal is None and kept.seal is not None:
            return evolve(part, seal=kept.seal)
        return part

    def _id(self, call: ToolCall, kept: KeptPart) -> str:
        """The id that the model gave, where the client keeps none and no other call has it."""
        if not kept.id or kept.id == call.id or kept.id in self.known:
            return call.id
        self.known.add(kept.id)
        self.renamed[call.id] = kept.id
        return kept.id


def _runs(messages: list[Message]) -> Iterator[Run]:
    start = 0
    run: Run | None = None
    for at, message in enumerate(messages):
        if message.role == "assistant":
            run = run or Run(at, [], messages[start:at])
            run.messages.append(message)
        elif run is not None:
            yield run
            run, start = None, at
    if run is not None:
        yield run


def _own(turn: KeptTurn, target: Target) -> list[KeptPart]:
    """The parts without what another than `target` sealed."""

    def fits(seal: Seal | None) -> bool:
        return seal is not None and belongs_to(seal, target)

    seen = [one if fits(one.seal) else evolve(one, seal=None) for one in turn.parts]
    return [one for one in seen if one.seal is not None or not one.hidden]


def _is_sealed(part: Part) -> bool:
    return isinstance(part, Thinking) and part.seal is not None and bool(part.seal.value)


def _answering(message: Message, renamed: Mapping[str, str]) -> Message:
    """`message` with its results under the new ids of their calls."""
    if not any(isinstance(part, ToolResult) and part.call_id in renamed for part in message.parts):
        return message
    return evolve(message, parts=[_renamed(part, renamed) for part in message.parts])


def _renamed(part: Part, renamed: Mapping[str, str]) -> Part:
    if not isinstance(part, ToolResult):
        return part
    return evolve(part, call_id=renamed.get(part.call_id, part.call_id))
