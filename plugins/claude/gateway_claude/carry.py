"""What of a conversation a Claude target can take; the rest is a recorded loss.

Paths in the ledger are those of the client's own messages, so this runs before any reordering.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from types import MappingProxyType

from attrs import define, evolve

from gateway.attempt import Attempt
from gateway.errors import BadRequest
from gateway.losses import show
from gateway.model import (
    CacheControl,
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Path,
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
        """The messages without what the target can't take; `messages` itself when it takes all.

        Raises BadRequest for an empty turn.
        """
        carried = [self._message(one, index) for index, one in enumerate(messages)]
        if all(map(is_, carried, messages)):
            return messages
        return [message for message in carried if message is not None]

    def _message(self, message: Message, index: int) -> Message | None:
        if message.parts and all(map(self._is_plain, message.parts)):
            return message
        path: Path = ("messages", index)
        parts = self.parts(message.parts, (*path, "content"), message.role == "assistant")
        if parts is message.parts and (parts or self.home):
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

    def parts(self, parts: list[Part], path: Path, assistant: bool) -> list[Part]:
        """The parts as they can go; `parts` itself when that is all of them, unchanged."""
        out: list[Part] = []
        changed = False
        for index, part in enumerate(parts):
            carried = CARRIERS[type(part)](self, part, (*path, index), assistant)
            changed = changed or carried is not part
            if carried is not None:
                out.append(carried)
        kept = without_empty_texts(out, self._is_empty)
        return kept if changed or kept is not out else parts

    def _is_plain(self, part: Json) -> bool:
        """Whether the part can go as it is; False for all that has to be looked at closely."""
        kind = type(part)
        if kind is Text:
            return part.seal is None and bool(part.text) and not part.text.isspace()
        if kind is ToolResult:
            return all(map(self._is_plain, part.parts))
        if kind is not ToolCall or part.kind != "function" or part.seal is not None:
            return False
        return self.home or RAW not in input_object(part.arguments)

    def _is_empty(self, part: Part) -> bool:
        """Claude refuses "" of everyone, and white space alone; but writes that itself."""
        if not isinstance(part, Text):
            return False
        return not part.text or (part.text.isspace() and not self.home)


def without_empty_texts(parts: list[Part], is_empty: Callable[[Part], bool]) -> list[Part]:
    """`parts` without empty texts.

    A cache marker on an empty text moves to the part before it (Claude refuses it there).
    """
    if not any(map(is_empty, parts)):
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


def _text(carrier: Carrier, part: Text, path: Path, _: bool) -> Text:
    if part.seal is None:
        return part
    _lose_seal(carrier, path)
    return evolve(part, seal=None)


def _result(carrier: Carrier, part: ToolResult, path: Path, _: bool) -> ToolResult:
    inner = carrier.parts(part.parts, (*path, "content"), assistant=False)
    return part if inner is part.parts else evolve(part, parts=inner)


def _opaque(_: Carrier, part: Opaque, __: Path, ___: bool) -> Opaque | None:
    return None if part.dialect != NAME and part.text is None else part


def _thinking(carrier: Carrier, part: Thinking, path: Path, _: bool) -> Thinking | None:
    target = carrier.attempt.target
    if part.seal is not None and part.seal.dialect == NAME and belongs_to(part.seal, target):
        return part
    origin = note(part.extra, NAME, "origin")
    if part.seal is None and origin == [NAME, target.upstream, target.model]:
        return part
    why = "thinking without a signature" if part.seal is None else "another model's signature"
    carrier.attempt.losses.add((*path, "thinking"), f"Claude takes no {why}", "meaning")
    carrier.lost_thinking = True
    return None


def _media(carrier: Carrier, part: Media, path: Path, assistant: bool) -> Part:
    if carrier.home:
        return part
    why = refusal(part)
    if assistant:
        why = "Claude takes no media in the assistant's turns"
    if why is None:
        if part.name and part.kind == "image":
            carrier.attempt.losses.add((*path, "name"), "Claude's images have no name", "hint")
        return part
    carrier.attempt.losses.add(path, why, "meaning")
    return Text(f"[{part.kind} left out: {why}]", cache_control=part.cache_control)


def _call(carrier: Carrier, part: ToolCall, path: Path, _: bool) -> ToolCall | None:
    if carrier.home:
        return part
    if part.kind == "server":
        carrier.attempt.losses.add(path, "another provider's own tool call", "meaning")
        return None
    if part.seal is not None:
        _lose_seal(carrier, path)
        part = evolve(part, seal=None)
    if part.kind == "function" and RAW in input_object(part.arguments):
        why = f"the arguments are no JSON object; sent as {RAW}"
        carrier.attempt.losses.add((*path, "arguments"), why, "hint")
    return part


def _lose_seal(carrier: Carrier, path: Path) -> None:
    carrier.attempt.losses.add((*path, "seal"), "another model's state", "meaning")


CARRIERS: Mapping[type, Callable[[Carrier, Json, Path, bool], Part | None]] = MappingProxyType(
    {
        Text: _text,
        Thinking: _thinking,
        Media: _media,
        ToolCall: _call,
        ToolResult: _result,
        Opaque: _opaque,
    }
)
