"""An assistant's turn of the conversation, written for an upstream."""

from __future__ import annotations

import orjson
from attrs import define, field

from gateway.model import Json, Media, Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from gateway.registry import lower_id
from gateway_openai.chat.content import Wire, text_content
from gateway_openai.chat.fields import DIALECT, form, put_back
from gateway_openai.chat.parts import write_cache, write_text
from gateway_openai.chat.seals import FIELD, goes_home, to_upstream
from gateway_openai.chat.thinking import FIELDS, write_thinking
from gateway_openai.chat.tools import wire_kind, wire_name
from gateway_openai.chat.writing import Writing

NO_ARGUMENTS = "{}"


@define
class _Turn:
    """An assistant's parts, sorted by the field that takes them."""

    thoughts: list[Thinking] = field(factory=list)
    items: list[Wire] = field(factory=list)
    refusals: list[str] = field(factory=list)
    calls: list[Wire] = field(factory=list)
    seal: Wire = field(factory=dict)


def write_assistant(message: Message, writing: Writing) -> Wire | None:
    """The message; None when it has nothing that may be sent."""
    turn = _Turn()
    for part in message.parts:
        _sort(part, turn, writing)
    said = form(message.extra, "content")
    out: Wire = {"role": "assistant"}
    if said != "absent" or turn.items:
        out["content"] = _content(turn, said)
    if turn.refusals:
        out["refusal"] = "".join(turn.refusals)
    if turn.thoughts:
        write_thinking(turn.thoughts, out, writing)
    if turn.calls:
        out["tool_calls"] = turn.calls
    out.update(turn.seal)
    put_back(out, message.extra)
    if not (turn.items or turn.calls or _says_something(out, said)):
        return None
    if writing.replays:
        out.setdefault(writing.quirks.reasoning_field or FIELDS[0], "")
    return out


def _content(turn: _Turn, said: Json) -> Json:
    if turn.items:
        return text_content(turn.items, said)
    return "" if said == "" else None


def _says_something(out: Wire, said: Json) -> bool:
    """Whether anything is left; an empty text that the client itself sent is its own affair."""
    return said == "" or any(out[name] for name in out if name != "role")


def _sort(part: Part, turn: _Turn, writing: Writing) -> None:
    match part:
        case Text():
            _sort_text(part, turn, writing)
        case ToolCall():
            _add_call(part, turn, writing)
        case Thinking():
            turn.thoughts.append(part)
        case Opaque(dialect=dialect, raw=raw) if dialect == DIALECT:
            turn.items.append(raw)
        case Opaque(text=text):
            turn.items += [{"type": "text", "text": text}] if text else []
        case Media() | ToolResult():
            kind = type(part).__name__
            writing.losses.add("messages", f"an assistant message can't hold a {kind}", "meaning")


def _sort_text(text: Text, turn: _Turn, writing: Writing) -> None:
    if text.seal is not None and goes_home(text.seal, writing.attempt.target):
        turn.seal = {FIELD: to_upstream(text.seal)}
        text = Text(text.text, None, text.cache_control, text.extra)
    if form(text.extra, "refusal") == "field":
        turn.refusals.append(text.text)
    elif text.text:
        turn.items.append(write_text(text, writing))


def _add_call(call: ToolCall, turn: _Turn, writing: Writing) -> None:
    if call.kind == "server":
        writing.losses.add("messages", f"a call of server tool {call.name} is not sent", "meaning")
        return
    name = wire_name(call.name, call.namespace, writing)
    kind = wire_kind(call.kind, writing)
    if kind == "custom":
        within = {"name": name, "input": call.arguments}
    elif call.kind == "custom":
        within = {"name": name, "arguments": orjson.dumps({"input": call.arguments}).decode()}
    else:
        within = {"name": name, "arguments": call.arguments or NO_ARGUMENTS}
    out: Wire = {"id": lower_id(call.id), "type": kind, kind: within}
    if call.seal is not None:
        _seal(call, out, writing)
    write_cache(out, call.cache_control, writing)
    turn.calls.append(put_back(out, call.extra))


def _seal(call: ToolCall, out: Wire, writing: Writing) -> None:
    if call.seal is None or not call.seal.value:
        return
    if goes_home(call.seal, writing.attempt.target):
        out[FIELD] = to_upstream(call.seal)
    else:
        writing.losses.add("seal", f"only {call.seal.dialect} can read it")
