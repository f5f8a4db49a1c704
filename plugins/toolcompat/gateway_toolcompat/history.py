"""Earlier calls and results in words, in the form that new calls are asked for in.

A result can't end its own block: a closing tag in it gets a backslash (`<\\/tool_result>`), and
one that has backslashes already gets one more, so that nothing is lost.
"""

from __future__ import annotations

import re

import orjson
from attrs import evolve

from gateway.history import paired
from gateway.losses import Losses
from gateway.model import Message, Part, Text, ToolCall, ToolResult
from gateway_toolcompat.asking import Asking
from gateway_toolcompat.toolbox import visible_name

END = re.compile(r"<(\\*)(?=/tool_result)")
IN_WORDS = "told to the model in words"


def has_tools(messages: list[Message]) -> bool:
    """Whether any call or result stands in a conversation."""
    return any(isinstance(part, ToolCall | ToolResult) for each in messages for part in each.parts)


def in_words(messages: list[Message], asking: Asking, losses: Losses) -> list[Message]:
    """The conversation without calls and results: they stand in its text."""
    out: list[Message] = []
    asked: dict[str, ToolCall] = {}
    for message in paired(messages, losses):
        calls = [part for part in message.parts if isinstance(part, ToolCall)]
        asked = {call.id: call for call in calls} if calls else asked
        out.append(_message(message, asking, asked, losses))
    return out


def _message(
    message: Message, asking: Asking, asked: dict[str, ToolCall], losses: Losses
) -> Message:
    if not any(isinstance(part, ToolCall | ToolResult) for part in message.parts):
        return message
    parts: list[Part] = []
    for part in _in_order(message.parts, asked):
        match part:
            case ToolCall():
                _note(part, losses)
                parts.append(_text(_call(part, asking), part))
            case ToolResult():
                _note(part, losses)
                parts += _result(part, asked)
            case _:
                parts.append(part)
    return evolve(message, parts=_joined(parts))


def _in_order(parts: list[Part], asked: dict[str, ToolCall]) -> list[Part]:
    """The parts with results in the order of their calls, for words have no ids."""
    places = {id: place for place, id in enumerate(asked)}
    results = [part for part in parts if isinstance(part, ToolResult)]
    waiting = iter(sorted(results, key=lambda each: places.get(each.call_id, len(places))))
    return [next(waiting) if isinstance(part, ToolResult) else part for part in parts]


def _call(call: ToolCall, asking: Asking) -> str:
    name = visible_name(call.name, call.namespace)
    if call.kind == "custom":
        return asking.write(name, {"input": call.arguments})
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        arguments = {"unreadable_arguments": call.arguments}
    return asking.write(name, arguments)


def _result(result: ToolResult, asked: dict[str, ToolCall]) -> list[Part]:
    """A block with the parts of the result in it; images keep their place."""
    call = asked.get(result.call_id)
    name = visible_name(call.name, call.namespace) if call else result.name or "tool"
    failed = ' error="true"' if result.is_error else ""
    inner = [_inside(part) for part in result.parts]
    head = Text(f'<tool_result name="{name}"{failed}>\n')
    return [head, *inner, _text("\n</tool_result>", result)]


def _inside(part: Part) -> Part:
    return evolve(part, text=END.sub(r"<\\\1", part.text)) if isinstance(part, Text) else part


def _text(text: str, part: ToolCall | ToolResult) -> Text:
    return Text(text, cache_control=part.cache_control)


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbouring texts as one, up to a cache marker, so that no target glues them otherwise."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if isinstance(part, Text) and _is_plain(last) and not part.seal and not part.extra:
            assert isinstance(last, Text)
            between = "" if _touch(last.text, part.text) else "\n"
            text = f"{last.text}{between}{part.text}"
            out[-1] = Text(text, cache_control=part.cache_control)
        else:
            out.append(part)
    return out


def _is_plain(part: Part | None) -> bool:
    return isinstance(part, Text) and not (part.seal or part.cache_control or part.extra)


def _touch(before: str, after: str) -> bool:
    return before.endswith("\n") or after.startswith("\n") or not before


def _note(part: ToolCall | ToolResult, losses: Losses) -> None:
    """Record what words can't carry of a call or a result."""
    if isinstance(part, ToolCall) and part.seal is not None:
        losses.add(f"tool_calls.{part.id}.seal", IN_WORDS)
    for fields in part.extra.values():
        for key in fields:
            if not key.startswith("$"):
                losses.add((*fields.path, key), IN_WORDS)
