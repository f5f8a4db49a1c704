"""Put a conversation's tool calls and results in the order that every provider takes.

Providers refuse a result that does not stand right after its call, and a call that has no result.
Clients split results over turns, put text and images between them, and forget some.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from attrs import define, evolve, field

from gateway.losses import Losses
from gateway.model import Message, Part, Text, ToolCall, ToolResult

MISSING = "No result was recorded for this call."


def paired(messages: list[Message], losses: Losses) -> list[Message]:
    """`messages` with the results of each turn's calls in one user message right after it.

    A result answers the first open call of its id that stands before it. What else stood in the
    results' messages follows, in its order. A call without a result gets one that says so, except
    in the last message; a result that answers no call becomes text. A history that is in order
    comes back as the same list; there, the results of one turn may stand in several messages.
    """
    if _in_order(messages):
        return messages
    answers = _answers(messages)
    out: list[Message] = []
    for index, message in enumerate(messages):
        kept = _kept(message, index, answers, losses)
        if kept.parts or not message.parts:
            out.append(kept)
        calls = _calls(message)
        if calls and index < len(messages) - 1:
            results: list[Part] = [
                answers.of_call.get((index, at)) or _missing(call, losses)
                for at, call in enumerate(calls)
            ]
            out.append(Message("user", results))
    return out


def merged(messages: list[Message]) -> list[Message]:
    """`messages` with neighbours of one role joined, for dialects that want turns to alternate.

    System messages stay apart. The first message's `extra` is that of the joined one. Messages
    that alternate already come back as the same list.
    """
    roles = [message.role for message in messages]
    if not any(a == b != "system" for a, b in pairwise(roles)):
        return messages
    out: list[Message] = []
    for message in messages:
        last = out[-1] if out else None
        if last is not None and last.role == message.role and message.role != "system":
            out[-1] = evolve(last, parts=[*last.parts, *message.parts])
        else:
            out.append(message)
    return out


@define
class _Answers:
    """Which result answers which call.

    of_call: by message and place among its calls. used: results by message and place in its parts.
    """

    of_call: dict[tuple[int, int], ToolResult] = field(factory=dict)
    used: set[tuple[int, int]] = field(factory=set)


def _calls(message: Message) -> list[ToolCall]:
    return [part for part in message.parts if isinstance(part, ToolCall) and part.kind != "server"]


def _in_order(messages: list[Message]) -> bool:
    """Whether each turn's results, and they alone, lead the message(s) right after it."""
    open_calls: set[str] = set()
    asked = -1
    for index, message in enumerate(messages):
        for part in message.parts:
            if isinstance(part, ToolResult):
                if part.call_id not in open_calls or message.role == "assistant":
                    return False
                open_calls.discard(part.call_id)
            elif open_calls and index > asked:
                return False
            elif isinstance(part, ToolCall) and part.kind != "server":
                if part.id in open_calls:
                    return False
                open_calls.add(part.id)
                asked = index
    return not open_calls or asked == len(messages) - 1


def _answers(messages: list[Message]) -> _Answers:
    """Pair results with calls, front to back."""
    found = _Answers()
    waiting: dict[str, deque[tuple[int, int]]] = {}
    for index, message in enumerate(messages):
        for at, part in enumerate(message.parts):
            if isinstance(part, ToolResult) and waiting.get(part.call_id):
                found.of_call[waiting[part.call_id].popleft()] = part
                found.used.add((index, at))
        for at, call in enumerate(_calls(message)):
            waiting.setdefault(call.id, deque()).append((index, at))
    return found


def _kept(message: Message, index: int, answers: _Answers, losses: Losses) -> Message:
    """`message` without the results that answer a call; those that answer none become text."""
    if not any(isinstance(part, ToolResult) for part in message.parts):
        return message
    parts: list[Part] = []
    for at, part in enumerate(message.parts):
        if not isinstance(part, ToolResult):
            parts.append(part)
        elif (index, at) not in answers.used:
            parts += _as_text(part, losses)
    return evolve(message, parts=parts)


def _as_text(result: ToolResult, losses: Losses) -> list[Part]:
    losses.add(f"tool_results.{result.call_id}", "no call asked for it; sent as text", "hint")
    what = "error" if result.is_error else "result"
    return [Text(f"[{what} of tool call {result.call_id}]"), *result.parts]


def _missing(call: ToolCall, losses: Losses) -> ToolResult:
    why = "the call had no result; one that says so was added"
    losses.add(f"tool_calls.{call.id}", why, "hint")
    return ToolResult(call.id, [Text(MISSING)], name=call.name, is_error=True, kind=call.kind)
