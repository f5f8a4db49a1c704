"""Put a conversation's tool calls and results in the order that every provider takes.

Providers refuse a result that does not stand right after its call, and a call that has no result.
Clients split results over turns, put text and images between them, and forget some.
"""

from __future__ import annotations

from attrs import evolve

from gateway.losses import Losses
from gateway.model import Message, Part, Text, ToolCall, ToolResult

MISSING = "No result was recorded for this call."


def paired(messages: list[Message], losses: Losses) -> list[Message]:
    """`messages` with every result in one user message right after its calls.

    What else stood in the results' messages follows them. A call without a result gets one that
    says so, except in the last message; a result without a call becomes text. An ordered history
    comes back as the same list.
    """
    if _in_order(messages):
        return messages
    results = _results(messages)
    out: list[Message] = []
    for index, message in enumerate(messages):
        if message.role == "assistant":
            out.append(message)
            calls = _calls(message)
            if calls and index < len(messages) - 1:
                out.append(Message("user", [_take(results, call, losses) for call in calls]))
        else:
            out += _without_used(message, results, losses)
    return out


def merged(messages: list[Message]) -> list[Message]:
    """`messages` with neighbours of one role joined, for dialects that want turns to alternate."""
    out: list[Message] = []
    for message in messages:
        last = out[-1] if out else None
        if last is not None and last.role == message.role and message.role != "system":
            out[-1] = evolve(last, parts=[*last.parts, *message.parts])
        else:
            out.append(message)
    return out


def _calls(message: Message) -> list[ToolCall]:
    return [part for part in message.parts if isinstance(part, ToolCall) and part.kind != "server"]


def _in_order(messages: list[Message]) -> bool:
    """Whether each call's results, and they alone, lead the message(s) right after it."""
    open_calls: set[str] = set()
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolResult):
                if part.call_id not in open_calls:
                    return False
                open_calls.discard(part.call_id)
            elif open_calls:
                return False
        if message.role == "assistant":
            calls = _calls(message)
            open_calls = {call.id for call in calls}
            if len(open_calls) != len(calls):
                return False
    return True


def _results(messages: list[Message]) -> dict[str, list[ToolResult]]:
    found: dict[str, list[ToolResult]] = {}
    for message in messages:
        for part in message.parts:
            if isinstance(part, ToolResult):
                found.setdefault(part.call_id, []).append(part)
    return found


def _take(results: dict[str, list[ToolResult]], call: ToolCall, losses: Losses) -> ToolResult:
    waiting = results.get(call.id)
    if waiting:
        return waiting.pop(0)
    losses.add(
        f"tool_calls.{call.id}", "the call had no result; one that says so was added", "hint"
    )
    return ToolResult(call.id, [Text(MISSING)], name=call.name, is_error=True)


def _without_used(
    message: Message, results: dict[str, list[ToolResult]], losses: Losses
) -> list[Message]:
    """`message` without the results that were taken; those that no call asked for become text."""
    parts: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResult):
            parts.append(part)
        elif any(part is waiting for waiting in results.get(part.call_id, ())):
            losses.add(f"tool_results.{part.call_id}", "no call asked for it; sent as text", "hint")
            parts += [Text(f"[result of tool call {part.call_id}]"), *part.parts]
    return [evolve(message, parts=parts)] if parts else []
