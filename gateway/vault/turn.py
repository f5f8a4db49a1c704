"""One sealed turn of a model, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs
import orjson
from attrs import frozen

from gateway.model import NO_EXTRA, Extra, Fields, Seal, Text, Thinking, ToolCall
from gateway.vault.keys import canonical, text_digest

PartKind: TypeAlias = Literal["text", "thinking", "call"]


@frozen
class KeptPart:
    """One part of a reply.

    text: of a thinking part, all of it; else a digest: of a text ("" for one that can't be seen),
    or of a call's arguments. id, name: of a call.
    """

    kind: PartKind
    text: str = ""
    seal: Seal | None = None
    redacted: bool = False
    extra: Extra = NO_EXTRA
    id: str = ""
    name: str = ""

    @property
    def hidden(self) -> bool:
        """Whether a client may have nothing to show of it: a thought, or a seal alone."""
        return self.kind == "thinking" or (self.kind == "text" and not self.text)

    def is_call(self, call: ToolCall) -> bool:
        """Whether it is a call of the same tool with the same arguments."""
        if self.kind != "call" or self.name != call.name:
            return False
        return self.text == text_digest(canonical(call.arguments))

    def made(self) -> Text | Thinking:
        """The part that a history lacks. Only hidden ones can be made anew."""
        if self.kind == "text":
            return Text("", self.seal, extra=self.extra)
        return Thinking(self.text, self.redacted, self.seal, extra=self.extra)


@frozen
class KeptTurn:
    """The parts of one reply, in their order."""

    parts: Sequence[KeptPart]

    def dumped(self) -> bytes:
        return orjson.dumps([_said(part) for part in self.parts])

    @classmethod
    def loaded(cls, data: bytes) -> KeptTurn:
        return cls([_read(raw) for raw in orjson.loads(data)])


def _said(part: KeptPart) -> dict[str, object]:
    """What differs from an empty part."""
    said: dict[str, object] = {"kind": part.kind}
    for name in ("text", "id", "name", "redacted"):
        if getattr(part, name):
            said[name] = getattr(part, name)
    if part.extra:
        said["extra"] = {dialect: dict(fields) for dialect, fields in part.extra.items()}
    if part.seal is not None:
        said["seal"] = attrs.astuple(part.seal)
    return said


def _read(raw: dict[str, object]) -> KeptPart:
    seal, extra = raw.pop("seal", None), raw.pop("extra", None)
    if isinstance(seal, list):
        raw["seal"] = Seal(*seal)
    if isinstance(extra, dict):
        raw["extra"] = {dialect: Fields(fields, ()) for dialect, fields in extra.items()}
    return KeptPart(**raw)  # type: ignore[arg-type]  # what `_said` wrote
