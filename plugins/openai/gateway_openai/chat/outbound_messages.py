"""The conversation, written for an upstream: roles, forms of content, calls and their results.

What the dialect lacks is said in words: a result's error is marked in its text, its images follow
the whole group of results in a user message (tool messages take text only), and where a provider
takes no system message inside the conversation, it stands marked in the nearest user turn.
"""

from __future__ import annotations

from typing import assert_never

from attrs import define, field

from gateway.errors import BadRequest
from gateway.history import paired
from gateway.model import (
    ChatRequest,
    Json,
    Media,
    Message,
    Part,
    Text,
    ToolResult,
)
from gateway.registry import lower_id
from gateway_openai.chat.content import PARAGRAPH, Wire, text_content, user_content
from gateway_openai.chat.fields import form, put_back
from gateway_openai.chat.outbound_assistant import write_assistant
from gateway_openai.chat.parts import write_cache, write_part, write_text
from gateway_openai.chat.writing import Writing

FAILED = "[tool error] "
EMPTY_RESULT = "(no output)"


def write_messages(request: ChatRequest, told: str | None, writing: Writing) -> list[Wire]:
    """The messages of `request`; `told` is said at the end of the leading system text.

    Raises BadRequest when nothing is left to send.
    """
    turns = _Turns()
    for message in paired(request.messages, writing.losses):
        match message.role:
            case "system":
                _add_system(message, turns, writing)
            case "user":
                _add_user(message, turns, writing)
            case "assistant":
                turns.add(write_assistant(message, writing))
            case _:
                assert_never(message.role)
    turns.flush()
    if not turns.out:
        raise BadRequest("messages hold no text, media, call or result to send", param="messages")
    return [*_leading(request.system, told, writing), *turns.out]


@define
class _Turns:
    """The messages so far, and the parts that wait for the next user turn.

    What waits never comes between a call and its results: results are added past it.
    """

    out: list[Wire] = field(factory=list)
    waiting: list[Wire] = field(factory=list)

    def add(self, message: Wire | None) -> None:
        if message is not None:
            self.flush()
            self.out.append(message)

    def flush(self) -> None:
        if self.waiting:
            self.out.append({"role": "user", "content": self.waiting})
            self.waiting = []

    def add_user(self, items: list[Wire], message: Message) -> None:
        """A user turn of `items`, behind what waited for one."""
        if self.waiting:
            content: Json = [*self.waiting, *items]
            self.waiting = []
        else:
            content = user_content(items, form(message.extra, "content"))
        self.out.append(put_back({"role": "user", "content": content}, message.extra))

    def add_to_nearest(self, item: Wire) -> None:
        """Put a part at the end of the user turn before it, else in front of the next one."""
        last = self.out[-1] if self.out else None
        if last is None or last["role"] != "user" or self.waiting:
            self.waiting.append(item)
        elif isinstance(last["content"], list):
            last["content"] = [*last["content"], item]
        else:
            last["content"] = [{"type": "text", "text": last["content"]}, item]


def _leading(system: list[Text], told: str | None, writing: Writing) -> list[Wire]:
    groups: list[list[Text]] = []
    for text in system:
        if not groups or form(text.extra, "start"):
            groups.append([])
        groups[-1].append(text)
    out = [written for group in groups if (written := _lead(group, writing))]
    return [*out, {"role": "system", "content": told}] if told else out


def _lead(group: list[Text], writing: Writing) -> Wire | None:
    start = form(group[0].extra, "start") or {}
    is_list = start.get("list") or False
    items = [write_text(text, writing) for text in group if text.text]
    if not items:
        return None
    out = {"role": _role(start.get("role"), writing)}
    outer = {name: items[0].pop(name) for name in start.get("fields", ()) if name in items[0]}
    if is_list or len(group) > 1:
        return {**out, "content": text_content(items, "list" if is_list else None), **outer}
    plain = {name: items[0].pop(name) for name in ("type", "text")}
    marker = items[0].pop("cache_control", None)
    marked = [{**plain, "cache_control": marker}] if marker else plain["text"]
    return {**out, "content": marked, **items[0]}


def _role(said: str | None, writing: Writing) -> str:
    return said if said and writing.quirks.developer_role else "system"


def _add_system(message: Message, turns: _Turns, writing: Writing) -> None:
    said = form(message.extra, "content")
    items = [item for part in message.parts if (item := write_part(part, writing))]
    if not items and said != "":
        return
    if items and not writing.quirks.system_in_place:
        turns.add_to_nearest(_marked_system(items))
        return
    role = _role(form(message.extra, "role"), writing)
    content = text_content(items, said) if items else ""
    turns.add(put_back({"role": role, "content": content}, message.extra))


def _marked_system(items: list[Wire]) -> Wire:
    text = PARAGRAPH.join(item["text"] for item in items if "text" in item)
    return {"type": "text", "text": f"<system>\n{text}\n</system>"}


def _add_user(message: Message, turns: _Turns, writing: Writing) -> None:
    """A user turn: its results first, then what its results showed, then what else it says."""
    rest: list[Wire] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            turns.out.append(_result(part, turns, writing))
        elif item := write_part(part, writing):
            rest.append(item)
    if rest:
        turns.add_user(rest, message)
    elif not message.parts and form(message.extra, "content") == "":
        turns.add(put_back({"role": "user", "content": ""}, message.extra))


def _result(result: ToolResult, turns: _Turns, writing: Writing) -> Wire:
    """A tool message. What only a user message can hold waits for one, under a line of its own."""
    said = form(result.extra, "content")
    items: list[Wire] = []
    shown: list[Wire] = []
    for part in result.parts:
        item = write_part(part, writing)
        if item and _stays(part, item, said, writing):
            items.append(item)
        elif item:
            shown.append(item)
    if shown:
        name = f" ({result.name})" if result.name else ""
        line = f"[from the result of tool call {lower_id(result.call_id)}{name}]"
        turns.waiting += [{"type": "text", "text": line}, *shown]
        items.append({"type": "text", "text": "[what the tool showed follows in a user message]"})
    if result.is_error:
        items = _marked_error(items)
    out: Wire = {"role": "tool", "tool_call_id": lower_id(result.call_id)}
    if result.name is not None and writing.home:
        out["name"] = result.name
    out["content"] = text_content(items, said) if items else _nothing(said)
    write_cache(out, result.cache_control, writing)
    return put_back(out, result.extra)


def _stays(part: Part, item: Wire, said: Json, writing: Writing) -> bool:
    """Whether a part may stand in the tool message: text, and what its own client put there."""
    if item.get("type") == "text" and not isinstance(part, Media):
        return True
    return said == "list" or writing.quirks.tool_images


def _nothing(said: Json) -> Json:
    return "" if said == "" else EMPTY_RESULT


def _marked_error(items: list[Wire]) -> list[Wire]:
    if items and items[0].get("type") == "text":
        return [{**items[0], "text": FAILED + items[0]["text"]}, *items[1:]]
    return [{"type": "text", "text": FAILED.strip()}, *items]
