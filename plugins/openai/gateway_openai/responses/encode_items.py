"""The output items of a reply, as they open, grow and close.

One part of the hub is one item: a message, a reasoning, a call, an image. The order of events
within an item is OpenAI's (API reference, streaming events, read 2026-11): it is added, its one
content part is added, it grows, and everything that was added is done, from the inside out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import orjson
from attrs import define, field

from gateway.events import PartStart
from gateway.model import NO_EXTRA, Extra, Json, Seal
from gateway.seals import tagged, tagged_redacted
from gateway_openai.chat.fields import DIALECT as CHAT
from gateway_openai.responses.fields import DIALECT, form, joined, object_of, put_back
from gateway_openai.responses.names import ITEM_PREFIX
from gateway_openai.responses.offered import Called

Wire: TypeAlias = dict[str, Json]
Kind = Literal["text", "refusal", "thinking", "raw_thinking", "function", "custom", "image"]
NO_ARGUMENTS = "{}"
TYPES: dict[Kind, str] = {
    "text": "message",
    "refusal": "message",
    "thinking": "reasoning",
    "raw_thinking": "reasoning",
    "function": "function_call",
    "custom": "custom_tool_call",
    "image": "image_generation_call",
}
DELTAS: dict[Kind, str] = {
    "text": "response.output_text.delta",
    "refusal": "response.refusal.delta",
    "thinking": "response.reasoning_summary_text.delta",
    "raw_thinking": "response.reasoning_text.delta",
    "function": "response.function_call_arguments.delta",
    "custom": "response.custom_tool_call_input.delta",
}
"""The event of each growth; an image is told whole."""
PLACES: dict[Kind, Wire] = {
    "text": {"content_index": 0},
    "refusal": {"content_index": 0},
    "thinking": {"summary_index": 0},
    "raw_thinking": {"content_index": 0},
}


@define
class Item:
    """One item.

    at: its `output_index`. called: the tool of a call. wraps: a free-form tool was called as a
    function, so that its input has to be whole before it is told. opened: whether its inner part
    has been added.
    """

    start: PartStart
    at: int
    id: str
    kind: Kind
    called: Called | None = None
    wraps: bool = False
    opened: bool = False
    pieces: list[str] = field(factory=list)
    seal: Seal | None = None
    extra: Extra = NO_EXTRA

    @property
    def text(self) -> str:
        """All that has grown; a free-form tool's raw input."""
        said = "".join(self.pieces)
        return _unwrapped(said) if self.wraps else said

    @property
    def place(self) -> Wire:
        """Where its growth belongs."""
        return {"item_id": self.id, "output_index": self.at, **PLACES.get(self.kind, {})}


def item_id(response: str, kind: Kind, at: int, start: PartStart) -> str:
    """The id that the provider gave, else one that follows from the response's."""
    given = object_of(form(start.extra, "item")).get("id")
    if isinstance(given, str) and given:
        return given
    return f"{ITEM_PREFIX[TYPES[kind]]}_{response.removeprefix('resp_')}_{at:02}"


def kind_of(start: PartStart, called: Called | None) -> Kind:
    """What an item a part becomes."""
    if called is not None:
        return "custom" if called.kind == "custom" else "function"
    if start.kind == "thinking":
        return "raw_thinking" if form(start.extra, "raw") else "thinking"
    if start.kind == "media":
        return "image"
    return "refusal" if is_refusal(start.extra) else "text"


def is_refusal(extra: Extra) -> bool:
    """Whether a text is a refusal, in the words of this dialect or of chat."""
    return form(extra, "type") == "refusal" or "$refusal" in extra.get(CHAT, ())


def opening(item: Item) -> Iterator[tuple[str, Wire]]:
    """The events that add an item, and its inner part where that can't be empty."""
    yield "response.output_item.added", {"output_index": item.at, "item": _blank(item)}
    if item.kind in ("text", "refusal"):
        yield from inner_opening(item)


def inner_opening(item: Item) -> Iterator[tuple[str, Wire]]:
    """The event that adds the part in which the item grows; once."""
    if item.opened or item.kind not in PLACES:
        return
    item.opened = True
    yield f"response.{_part_name(item)}.added", {**item.place, "part": _part(item, "")}


def closing(item: Item) -> Iterator[tuple[str, Wire]]:
    """The events that end an item and all that it opened."""
    text = item.text
    if item.wraps and text:
        yield DELTAS["custom"], {**item.place, "delta": text}
    if item.kind == "function" and not text:
        yield DELTAS["function"], {**item.place, "delta": NO_ARGUMENTS}
    if item.opened or item.kind in ("function", "custom"):
        done = DELTAS[item.kind].removesuffix("delta") + "done"
        yield done, {**item.place, **_grown(item, text)}
    if item.opened:
        yield f"response.{_part_name(item)}.done", {**item.place, "part": _part(item, text)}
    yield "response.output_item.done", {"output_index": item.at, "item": whole(item)}


def whole(item: Item) -> Wire:
    """The item at its end."""
    text, extra = item.text, joined(item.start.extra, item.extra)
    out = _blank(item)
    if item.kind not in ("thinking", "raw_thinking"):
        out["status"] = "completed"
    match item.kind:
        case "text" | "refusal":
            out["content"] = [{**_part(item, text), **put_back({}, extra)}]
            return put_back(out, extra, "message")
        case "thinking":
            out["summary"] = [_part(item, text)] if text else []
        case "raw_thinking":
            out["content"] = [_part(item, text)] if text else []
        case "function":
            out["arguments"] = text or NO_ARGUMENTS
        case "custom":
            out["input"] = text
        case "image":
            out["result"] = text
    if item.seal is not None and item.seal.value:
        out["encrypted_content"] = _sealed(item.seal, item.start)
    return put_back(out, extra)


def _blank(item: Item) -> Wire:
    """The item as it is added: nothing in it yet."""
    out: Wire = {"id": item.id, "type": TYPES[item.kind]}
    match item.kind:
        case "text" | "refusal":
            return {**out, "status": "in_progress", "role": "assistant", "content": []}
        case "thinking" | "raw_thinking":
            return {**out, "summary": []}
        case "image":
            return {**out, "status": "in_progress", "result": None}
    assert item.called is not None
    field_name = "input" if item.kind == "custom" else "arguments"
    out = {**out, "status": "in_progress", "call_id": item.start.id or item.id}
    out = {**out, "name": item.called.name, field_name: ""}
    if item.called.namespace is not None:
        out["namespace"] = item.called.namespace
    return out


def _sealed(seal: Seal, start: PartStart) -> str:
    """The seal for a client. Of another dialect's, a redacted one says so."""
    if start.redacted and seal.dialect != DIALECT:
        return tagged_redacted(seal)
    return tagged(seal, DIALECT)


def _part_name(item: Item) -> str:
    return "reasoning_summary_part" if item.kind == "thinking" else "content_part"


def _part(item: Item, text: str) -> Wire:
    match item.kind:
        case "refusal":
            return {"type": "refusal", "refusal": text}
        case "thinking":
            return {"type": "summary_text", "text": text}
        case "raw_thinking":
            return {"type": "reasoning_text", "text": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _grown(item: Item, text: str) -> Wire:
    """What the event says that ends an item's growth."""
    match item.kind:
        case "text":
            return {"text": text, "logprobs": []}
        case "refusal":
            return {"refusal": text}
        case "function":
            assert item.called is not None
            return {"arguments": text or NO_ARGUMENTS, "name": item.called.name}
        case "custom":
            return {"input": text}
    return {"text": text}


def _unwrapped(arguments: str) -> str:
    """The raw input of a free-form tool, out of the arguments `{"input": "…"}`."""
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    given = value.get("input") if isinstance(value, dict) else None
    return given if isinstance(given, str) else arguments
