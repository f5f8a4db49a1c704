"""The conversation, written as an upstream's `input` items."""

from __future__ import annotations

import hashlib

from gateway.errors import BadRequest
from gateway.history import paired
from gateway.model import (
    ChatRequest,
    Extra,
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway.registry import lower_id
from gateway.seals import belongs_to
from gateway_openai.chat.writing import Writing
from gateway_openai.responses.fields import DIALECT, form, put_back
from gateway_openai.responses.items import PARAGRAPH
from gateway_openai.responses.outbound_parts import (
    Wire,
    lose_marker,
    wire_name,
    write_content,
    write_part,
    write_text,
)

FAILED = "[tool error] "
NO_ARGUMENTS = "{}"
FORM = ("id", "status")


def write_system(system: list[Text], body: Wire, writing: Writing) -> list[Wire]:
    """Write `instructions` into `body`, and give the items of the other leading system texts.

    A single text is the instructions, unless its client sent it as an item.
    """
    said = [text for text in system if form(text.extra, "instructions")]
    rest = [text for text in system if not form(text.extra, "instructions")]
    if not said and len(rest) == 1 and form(rest[0].extra, "item") is None:
        said, rest = rest, []
    for text in said:
        lose_marker(text.cache_control, writing)
    if any(text.text for text in said) or (said and writing.home):
        body["instructions"] = PARAGRAPH.join(text.text for text in said)
    out: list[Wire] = []
    for text in rest:
        _add_text(text, "developer", out, writing)
    return out


def write_items(request: ChatRequest, writing: Writing) -> list[Wire]:
    """The items of the conversation. Raises BadRequest when nothing is left to send."""
    out: list[Wire] = []
    for message in paired(request.messages, writing.losses):
        if message.role == "assistant":
            _write_assistant(message, out, writing)
        else:
            _write_other(message, out, writing)
    if not out:
        raise BadRequest("the conversation holds nothing that can be sent", param="input")
    return out


def _write_other(message: Message, out: list[Wire], writing: Writing) -> None:
    """A user's or system message: its results first, then what else it says."""
    rest: list[Part] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            out.append(_result(part, writing))
        elif _is_item(part):
            out.append(part.raw)  # type: ignore[union-attr]
        else:
            rest.append(part)
    notes = form(message.extra, "item")
    if not rest and (notes is None or message.parts):
        return
    content = write_content(rest, writing)
    if content or writing.home:
        role = "developer" if message.role == "system" else "user"
        out.append(_message(role, content, notes or {}, message.extra))


def _write_assistant(message: Message, out: list[Wire], writing: Writing) -> None:
    for part in message.parts:
        match part:
            case Text():
                _add_text(part, "assistant", out, writing)
            case Thinking():
                _add_thought(part, out, writing)
            case ToolCall():
                _add_call(part, out, writing)
            case Opaque() if _is_item(part):
                out.append(part.raw)
            case Media() | Opaque():
                _add_inner(part, out, writing)
            case ToolResult():
                writing.losses.add("input", "an assistant's turn can't hold a result", "meaning")


def _is_item(part: Part) -> bool:
    """Whether it is a whole item that only this dialect knows: `input[3]`, not something in it."""
    return isinstance(part, Opaque) and part.dialect == DIALECT and len(part.path) <= len("in")


def _add_text(text: Text, role: str, out: list[Wire], writing: Writing) -> None:
    """A text that begins an item, goes on with the last one, or is an item of its own."""
    notes = form(text.extra, "item")
    default = "output_text" if role == "assistant" else "input_text"
    if notes is not None:
        hollow, string = form(text.extra, "hollow"), form(text.extra, "string")
        content: Json = text.text if string else [write_text(text, writing, default)]
        out.append(_message(role, [] if hollow else content, notes, text.extra, "message"))
    elif form(text.extra, "next") and _takes_more(out, role):
        out[-1]["content"].append(write_text(text, writing, default))
    elif text.text:
        write_text(text, writing, default)
        if role != "assistant" and _is_plain(out, role):
            out[-1]["content"].append(write_text(text, writing, default))
        elif role == "assistant":
            out.append(_message(role, text.text, {}, {}))
        else:
            out.append(_message(role, [write_text(text, writing, default)], {}, {}))


def _takes_more(out: list[Wire], role: str) -> bool:
    last = out[-1] if out else {}
    is_message = last.get("type", "message") == "message" and "content" in last
    return (
        is_message
        and isinstance(last["content"], list)
        and (role != "assistant" or last.get("role") == role)
    )


def _is_plain(out: list[Wire], role: str) -> bool:
    """Whether the last item is one of ours, for texts of that role."""
    return _takes_more(out, role) and out[-1].get("role") == role and "id" not in out[-1]


def _add_inner(part: Media | Opaque, out: list[Wire], writing: Writing) -> None:
    """What stands in the model's own message: at home only."""
    if _takes_more(out, "assistant") and writing.home:
        inner = write_part(part, writing, "output_text")
        if inner is not None:
            out[-1]["content"].append(inner)
    elif isinstance(part, Media):
        writing.losses.add("input", f"the model's own {part.kind} can't be sent back", "meaning")
    elif part.text:
        out.append(_message("assistant", part.text, {}, {}))


def _add_thought(part: Thinking, out: list[Wire], writing: Writing) -> None:
    """Reasoning that the target issued, or that its own client sent unsealed; else a loss."""
    seal = part.seal if part.seal and part.seal.value else None
    fits = belongs_to(seal, writing.attempt.target) if seal else writing.home
    if not fits:
        why = f"only {seal.dialect} can read it" if seal else "it came without its seal"
        writing.losses.add("thinking", f"{writing.attempt.target} takes no such thought: {why}")
        return
    notes = form(part.extra, "item") or {"id": _made_id(part)}
    item: Wire = {"type": "reasoning", **_said(notes), "summary": []}
    for name, text in _pieces(part):
        kind = "summary_text" if name == "summary" else "reasoning_text"
        item.setdefault(name, []).append(put_back({"type": kind, "text": text}, part.extra, name))
    if seal is not None:
        item["encrypted_content"] = seal.value
    out.append(put_back(item, part.extra))


def _pieces(part: Thinking) -> list[tuple[str, str]]:
    """The texts of a thought, cut as they came; one summary when it no longer fits."""
    found, at = [], 0
    for name, length in form(part.extra, "pieces") or ():
        found.append((name, part.text[at : at + length]))
        at += length + len(PARAGRAPH)
    if PARAGRAPH.join(text for _, text in found) == part.text:
        return found
    return [("summary", part.text)]


def _made_id(part: Thinking) -> str:
    """An id for a thought without one: the same in every turn."""
    value = f"{part.text}\0{part.seal.value if part.seal else ''}"
    return "rs_" + hashlib.sha256(value.encode()).hexdigest()[:32]


def _add_call(call: ToolCall, out: list[Wire], writing: Writing) -> None:
    if call.kind == "server":
        writing.losses.add("input", f"a call of server tool {call.name} is not sent", "meaning")
        return
    if call.seal is not None and call.seal.value:
        writing.losses.add("seal", f"only {call.seal.dialect} can read it")
    lose_marker(call.cache_control, writing)
    custom = call.kind == "custom"
    item: Wire = {
        "type": "custom_tool_call" if custom else "function_call",
        **_said(form(call.extra, "item") or {}),
        "call_id": lower_id(call.id),
        "name": wire_name(call.name, writing),
    }
    if call.namespace is not None:
        item["namespace"] = call.namespace
    text = call.arguments if custom or writing.home else call.arguments or NO_ARGUMENTS
    item["input" if custom else "arguments"] = text
    out.append(put_back(item, call.extra))


def _result(result: ToolResult, writing: Writing) -> Wire:
    lose_marker(result.cache_control, writing)
    content = write_content(result.parts, writing) if result.parts else ""
    if not result.parts and form(result.extra, "item") is not None:
        content = []
    if result.is_error:
        writing.losses.add(f"tool_results.{result.call_id}.is_error", "marked in its text", "hint")
        content = _marked_error(content)
    item: Wire = {
        "type": "custom_tool_call_output" if result.kind == "custom" else "function_call_output",
        **_said(form(result.extra, "item") or {}),
        "call_id": lower_id(result.call_id),
        "output": content,
    }
    return put_back(item, result.extra)


def _marked_error(content: Json) -> Json:
    if isinstance(content, str):
        return FAILED + content
    if content and "text" in content[0]:
        return [{**content[0], "text": FAILED + content[0]["text"]}, *content[1:]]
    return [{"type": "input_text", "text": FAILED.strip()}, *content]


def _message(
    role: str, content: Json, notes: dict[str, Json], extra: Extra, under: str = ""
) -> Wire:
    out: Wire = {} if notes.get("bare") else {"type": "message"}
    out = {**out, **_said(notes), "role": notes.get("role", role), "content": content}
    return put_back(out, extra, under)


def _said(notes: dict[str, Json]) -> Wire:
    return {name: notes[name] for name in FORM if name in notes}
