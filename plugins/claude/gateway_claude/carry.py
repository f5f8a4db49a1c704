"""What of a conversation a Claude target can take; the rest is a recorded loss.

Paths in the ledger are those of the client's own messages, so this runs before any reordering.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, evolve

from gateway.attempt import Attempt
from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import (
    CacheControl,
    Media,
    Message,
    Opaque,
    Part,
    Path,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    note,
)
from gateway.seals import belongs_to
from gateway_claude.arguments import RAW, input_object
from gateway_claude.media import refusal
from gateway_claude.names import NAME

Markable = Text | Media | ToolCall | ToolResult


@define
class Carrier:
    """Carries one conversation to one target.

    lost_thinking: whether thinking had to be left out, so that a running tool loop lacks it.
    """

    attempt: Attempt
    lost_thinking: bool = False

    @property
    def home(self) -> bool:
        return self.attempt.client == NAME

    def carry(self, messages: list[Message]) -> list[Message]:
        """The messages without what the target can't take. Raises BadRequest for an empty turn."""
        out = []
        for index, message in enumerate(messages):
            carried = self._message(message, ("messages", index))
            if carried is not None:
                out.append(carried)
        return out

    def _message(self, message: Message, path: Path) -> Message | None:
        parts = self._parts(message.parts, (*path, "content"), message.role == "assistant")
        if parts == message.parts and (parts or self.home):
            return message
        if parts:
            return evolve(message, parts=parts)
        if self.home and any(isinstance(part, Text) for part in message.parts):
            return message
        if message.role == "user":
            where = show(path)
            raise BadRequest(f"{where} has no content; Claude refuses an empty turn", param=where)
        self.attempt.losses.add(path, "an empty turn was left out", "hint")
        return None

    def _parts(self, parts: list[Part], path: Path, assistant: bool) -> list[Part]:
        out: list[Part] = []
        for index, part in enumerate(parts):
            carried = self._part(part, (*path, index), assistant)
            if carried is not None:
                out.append(carried)
        return without_empty_texts(out, self._is_empty)

    def _is_empty(self, part: Part) -> bool:
        """Claude refuses "" of everyone, and white space alone; but writes that itself."""
        if not isinstance(part, Text):
            return False
        return not part.text or (not self.home and not part.text.strip())

    def _part(self, part: Part, path: Path, assistant: bool) -> Part | None:
        match part:
            case Thinking():
                return self._thinking(part, path)
            case Media() if not self.home:
                return self._media(part, path, assistant)
            case ToolCall() if not self.home:
                return self._call(part, path)
            case ToolResult():
                inner = self._parts(part.parts, (*path, "content"), assistant=False)
                return part if inner == part.parts else evolve(part, parts=inner)
            case Text(seal=Seal()):
                self._lose_seal(path)
                return evolve(part, seal=None)
            case Opaque() if part.dialect != NAME and part.text is None:
                return None
        return part

    def _thinking(self, part: Thinking, path: Path) -> Thinking | None:
        target = self.attempt.target
        if part.seal is not None and part.seal.dialect == NAME and belongs_to(part.seal, target):
            return part
        origin = note(part.extra, NAME, "origin")
        if part.seal is None and origin == [NAME, target.upstream, target.model]:
            return part
        why = "thinking without a signature" if part.seal is None else "another model's signature"
        self.attempt.losses.add((*path, "thinking"), f"Claude takes no {why}", "meaning")
        self.lost_thinking = True
        return None

    def _media(self, part: Media, path: Path, assistant: bool) -> Part:
        why = refusal(part)
        if assistant:
            why = "Claude takes no media in the assistant's turns"
        if why is None:
            if part.name and part.kind == "image":
                self.attempt.losses.add((*path, "name"), "Claude's images have no name", "hint")
            return part
        self.attempt.losses.add(path, why, "meaning")
        return Text(f"[{part.kind} left out: {why}]", cache_control=part.cache_control)

    def _call(self, part: ToolCall, path: Path) -> ToolCall | None:
        if part.kind == "server":
            self.attempt.losses.add(path, "another provider's own tool call", "meaning")
            return None
        if part.seal is not None:
            self._lose_seal(path)
            part = evolve(part, seal=None)
        if part.kind == "function" and RAW in input_object(part.arguments):
            why = f"the arguments are no JSON object; sent as {RAW}"
            self.attempt.losses.add((*path, "arguments"), why, "hint")
        return part

    def _lose_seal(self, path: Path) -> None:
        self.attempt.losses.add((*path, "seal"), "another model's state", "meaning")


def without_empty_texts(parts: list[Part], is_empty: Callable[[Part], bool]) -> list[Part]:
    """`parts` without empty texts.

    A cache marker on an empty text moves to the part before it (Claude refuses it there).
    """
    if not any(is_empty(part) for part in parts):
        return parts
    kept: list[Part] = []
    for part in parts:
        if not is_empty(part):
            kept.append(part)
        elif isinstance(part, Text) and part.cache_control and kept:
            kept[-1] = _marked(kept[-1], part.cache_control)
    return kept


def _marked(part: Part, marker: CacheControl) -> Part:
    if isinstance(part, Markable) and part.cache_control is None:
        return evolve(part, cache_control=marker)
    return part
