"""The turns of a conversation, in the order that Claude takes."""

from __future__ import annotations

from attrs import evolve

from gateway.attempt import Attempt
from gateway.errors import BadRequest
from gateway.history import merged, paired
from gateway.model import Message, Part, Text, Thinking, ToolCall, ToolResult

OPENING = "(The conversation begins.)"
MARK = "<system>\n{}\n</system>"


def arranged(messages: list[Message], attempt: Attempt) -> list[Message]:
    """Another dialect's messages, in turns: a user first, results right after their calls.

    Raises BadRequest when there is no message at all.
    """
    if not messages:
        raise BadRequest("the conversation has no message; Claude needs one", param="messages")
    systems = any(message.role == "system" for message in messages)
    if systems and not attempt.target.quirks.get("system_messages"):
        messages = [_as_user(message) for message in messages]
    messages = merged(paired(messages, attempt.losses))
    if messages[0].role == "assistant":
        attempt.losses.add("messages[0]", "Claude wants a user's turn first; one was added", "hint")
        messages = [Message("user", [Text(OPENING)]), *messages]
    return _trimmed(messages, attempt)


def in_bare_loop(messages: list[Message]) -> bool:
    """Whether the last turn answers calls whose turn does not begin with thinking.

    Claude continues such a loop only with thinking switched off.
    """
    if len(messages) < 2 or messages[-1].role == "assistant":
        return False
    answers = any(isinstance(part, ToolResult) for part in messages[-1].parts)
    calling = messages[-2].parts
    calls = any(isinstance(part, ToolCall) for part in calling)
    return answers and calls and not isinstance(calling[0], Thinking)


def _as_user(message: Message) -> Message:
    """A system message inside the conversation as marked text of the user's."""
    if message.role != "system":
        return message
    parts: list[Part] = [
        evolve(part, text=MARK.format(part.text)) if isinstance(part, Text) else part
        for part in message.parts
    ]
    return evolve(message, role="user", parts=parts)


def _trimmed(messages: list[Message], attempt: Attempt) -> list[Message]:
    """Claude refuses a begun reply that ends in white space."""
    *before, last = messages
    part = last.parts[-1] if last.parts else None
    if last.role != "assistant" or not isinstance(part, Text) or part.text == part.text.rstrip():
        return messages
    attempt.losses.add("messages[-1]", "white space at the end of a begun reply", "hint")
    return [*before, evolve(last, parts=[*last.parts[:-1], evolve(part, text=part.text.rstrip())])]
