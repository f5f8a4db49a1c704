"""The loss ledger of one attempt: what could not be carried from one dialect to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from attrs import define, field

from gateway.model import (
    CacheControl,
    ChatRequest,
    Extra,
    Opaque,
    Part,
    Path,
    Tool,
    ToolResult,
)

Weight: TypeAlias = Literal["hint", "meaning"]


@define
class Loss:
    """One thing that was lost.

    path: where it stood, in the words of the client's body (`messages[3].content[0].title`) or,
    for what the hub has a name for, in the hub's (`sampling.top_k`).
    weight: "hint" leaves the answer's meaning as it was (cache markers, metadata, display
    options, privacy drops); "meaning" is content, tools, constraints or state.
    """

    path: str
    reason: str
    weight: Weight


@define
class Losses:
    """Collects losses. `hints` are the field names of the client's dialect that are only hints.

    keeps_seals: whether the gateway itself keeps the seals that a client can't carry.
    """

    hints: frozenset[str] = frozenset()
    entries: list[Loss] = field(factory=list)
    keeps_seals: bool = False

    def add(self, path: Path | str, reason: str, weight: Weight | None = None) -> None:
        """Record a loss once. Without a weight, the field's name decides by `hints`."""
        text = path if isinstance(path, str) else show(path)
        if weight is None:
            last = path.rsplit(".", 1)[-1] if isinstance(path, str) else _last_name(path)
            weight = "hint" if last in self.hints else "meaning"
        loss = Loss(text, reason, weight)
        if loss not in self.entries:
            self.entries.append(loss)

    def add_seal(self, path: Path | str, reason: str, weight: Weight = "meaning") -> None:
        """Record that a reply's seal has no place at the client, unless the gateway keeps it."""
        if not self.keeps_seals:
            self.add(path, reason, weight)

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def of_meaning(self) -> list[Loss]:
        return [loss for loss in self.entries if loss.weight == "meaning"]


def show(path: Path) -> str:
    """Write a path as people do: `messages[3].content[0]`."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else step
    return out


def note_foreign(request: ChatRequest, home: str, losses: Losses) -> None:
    """Record every field and piece of `request` that only other dialects than `home` can write.

    Each outbound translator calls this once; what `home` itself left in `extra` is not a loss.
    """
    if request.extra:
        note_extra(request.extra, home, losses)
    for text in request.system:
        note_part(text, home, losses)
    for message in request.messages:
        if message.extra:
            note_extra(message.extra, home, losses)
        for part in message.parts:
            note_part(part, home, losses)
    for tool in request.tools or ():
        note_part(tool, home, losses)
    for one in (request.tool_choice, request.reasoning, request.output):
        if one is not None and one.extra:
            note_extra(one.extra, home, losses)


def note_part(part: Part | Tool, home: str, losses: Losses) -> None:
    """The same for one piece."""
    if isinstance(part, Opaque):
        if part.dialect != home and part.text is None:
            losses.add(part.path or ("messages",), f"only {part.dialect} knows it")
        return
    if part.extra:
        note_extra(part.extra, home, losses)
    marker: CacheControl | None = part.cache_control
    if marker is not None and marker.extra:
        note_extra(marker.extra, home, losses)
    if isinstance(part, ToolResult):
        for inner in part.parts:
            note_part(inner, home, losses)


def note_extra(extra: Extra, home: str, losses: Losses) -> None:
    """The same for the fields of one object."""
    for dialect, fields in extra.items():
        if dialect == home:
            continue
        for key in fields:
            if not key.startswith("$"):
                losses.add((*fields.path, key), f"{home} has no such field")


def _last_name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")
