"""Remember a reply as it goes by, and keep it at its end if any of it was sealed."""

from __future__ import annotations

from attrs import define, field

from gateway.events import Delta, Event, Finish, PartEnd, PartStart, Sealed
from gateway.model import NO_EXTRA, ChatRequest, Extra, Fields, Seal
from gateway.vault.keys import Call, call_key, canonical, since_reply, text_digest, turn_key
from gateway.vault.turn import KeptPart, KeptTurn, PartKind

KINDS: dict[str, PartKind] = {"text": "text", "thinking": "thinking", "tool_call": "call"}
"""Parts that may be sealed, and the names under which they are kept."""


@define
class _Growing:
    start: PartStart
    pieces: list[str] = field(factory=list)
    seal: Seal | None = None
    extra: Extra = NO_EXTRA


@define
class Keeper:
    """Watches one reply. owner: the proxy key's id. origin: see `keys.origin_of`."""

    owner: str | None
    origin: str
    request: ChatRequest
    sealed: bool = False
    _parts: dict[int, _Growing] = field(factory=dict)

    def feed(self, events: list[Event]) -> bool:
        """Whether the reply has ended with these, and was sealed."""
        for event in events:
            if type(event) is Delta:
                part = self._parts.get(event.index)
                if part is not None:
                    part.pieces.append(event.text)
            elif type(event) is Finish:
                return self.sealed
            else:
                self._note(event)
        return False

    def turn(self) -> KeptTurn:
        """The reply, as it is kept."""
        return KeptTurn([_kept(self._parts[index]) for index in sorted(self._parts)])

    def keys(self) -> list[bytes]:
        """All that the turn can be found by, by what is most certain first."""
        growing = [self._parts[index] for index in sorted(self._parts)]
        made = [part for part in growing if part.start.kind == "tool_call"]
        calls: list[Call] = [(part.start.name or "", "".join(part.pieces)) for part in made]
        text = "".join("".join(p.pieces) for p in growing if p.start.kind == "text")
        ids = [part.start.id for part in made if part.start.id]
        before = since_reply(self.request.messages)
        return [
            *(call_key(self.owner, self.origin, one) for one in ids),
            turn_key(self.owner, self.origin, before, text, calls),
        ]

    def _note(self, event: Event) -> None:
        match event:
            case PartStart() if event.kind in KINDS:
                self._parts[event.index] = _Growing(event)
            case Sealed() if event.seal.value and event.index in self._parts:
                self._parts[event.index].seal = event.seal
                self.sealed = True
            case PartEnd() if event.extra and event.index in self._parts:
                self._parts[event.index].extra = event.extra


def _kept(part: _Growing) -> KeptPart:
    start, text = part.start, "".join(part.pieces)
    kind = KINDS[start.kind]
    if kind == "call":
        digest = text_digest(canonical(text))
        return KeptPart(kind, digest, part.seal, id=start.id or "", name=start.name or "")
    thinks = kind == "thinking"
    return KeptPart(
        kind,
        text=text if thinks else text_digest(text),
        seal=part.seal,
        redacted=start.redacted,
        extra=_of_issuer(part) if thinks or not text else NO_EXTRA,
    )


def _of_issuer(part: _Growing) -> Extra:
    """The fields that the seal's own dialect left; they go back with it."""
    home = part.seal.dialect if part.seal else ""
    fields = {**part.start.extra.get(home, {}), **part.extra.get(home, {})}
    return {home: Fields(fields, ())} if fields else NO_EXTRA
