"""The conversation, as an Ollama server gets it.

A message is one text, one list of images and one list of calls, whatever their order was; the
pieces of a text become paragraphs. A result's failure is said in its text.
"""

from __future__ import annotations

from typing import assert_never

import orjson
from attrs import define, field

from gateway.errors import BadRequest
from gateway.history import paired
from gateway.model import (
    ChatRequest,
    Json,
    Media,
    Message,
    Opaque,
    Part,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from gateway.seals import belongs_to
from gateway_ollama.fields import form, put_back
from gateway_ollama.media import write_media
from gateway_ollama.writing import Writing

PARAGRAPH = "\n\n"
FAILED = "[tool error] "
Wire = dict[str, Json]


def write_messages(request: ChatRequest, writing: Writing) -> list[Wire]:
    """The messages of `request`. Raises BadRequest when nothing is left to send."""
    messages = request.messages if writing.home else paired(request.messages, writing.losses)
    out = _leading(request.system)
    for message in messages:
        out += _message(message, writing)
    if messages and not out:
        raise BadRequest("messages hold no text, image, call or result to send", param="messages")
    if not messages and not writing.home:
        raise BadRequest("messages must hold at least one message", param="messages")
    return out


@define
class _Said:
    """What the parts of one message come to, by the field that takes them."""

    texts: list[str] = field(factory=list)
    images: list[str] = field(factory=list)
    thoughts: list[str] = field(factory=list)
    calls: list[Wire] = field(factory=list)
    results: list[Wire] = field(factory=list)

    def add(self, part: Part, writing: Writing) -> None:
        match part:
            case Text():
                self.texts += [part.text] if part.text else []
                note_seal(part.seal, writing)
            case Media():
                self._add_media(part, writing)
            case Thinking():
                self._add_thought(part, writing)
            case ToolCall():
                self._add_call(part, writing)
            case ToolResult():
                self.results.append(_result(part, writing))
            case Opaque():
                self.texts += [part.text] if part.text else []
            case _:
                assert_never(part)

    def _add_media(self, media: Media, writing: Writing) -> None:
        image, words = write_media(media, writing.losses)
        self.images += [image] if image else []
        self.texts += [words] if words else []

    def _add_thought(self, thought: Thinking, writing: Writing) -> None:
        """A thought that this model can have had; what another sealed is of no use to it."""
        note_seal(thought.seal, writing)
        foreign = thought.seal is not None and not belongs_to(thought.seal, writing.attempt.target)
        if thought.redacted or foreign:
            writing.losses.add("thinking", "another model's thoughts are not given back", "hint")
        elif thought.text:
            self.thoughts.append(thought.text)

    def _add_call(self, call: ToolCall, writing: Writing) -> None:
        note_seal(call.seal, writing)
        if call.kind == "server":
            why = f"a call of server tool {call.name} is not sent"
            writing.losses.add("messages", why, "meaning")
            return
        self.calls.append(_call(call, writing))

    def fields(self) -> Wire:
        """The fields that say something, without `content`."""
        said = {"thinking": PARAGRAPH.join(self.thoughts), "images": self.images}
        return {
            **{name: value for name, value in said.items() if value},
            **({"tool_calls": self.calls} if self.calls else {}),
        }


def note_seal(seal: Seal | None, writing: Writing) -> None:
    if seal is not None and seal.value:
        writing.losses.add("seal", "Ollama has no place for signatures", "hint")


def _leading(system: list[Text]) -> list[Wire]:
    """One message of the leading texts: many chat templates read only one. A client's own stay."""
    groups: list[list[Text]] = []
    for text in system:
        if not groups or form(text.extra, "start"):
            groups.append([])
        groups[-1].append(text)
    return [written for group in groups if (written := _lead(group))]


def _lead(group: list[Text]) -> Wire | None:
    content = PARAGRAPH.join(text.text for text in group if text.text)
    first = group[0].extra
    if not content and not form(first, "home"):
        return None
    out: Wire = {"role": "system"}
    if content or not form(first, "absent"):
        out["content"] = content
    for text in group:
        put_back(out, text.extra)
    return out


def _message(message: Message, writing: Writing) -> list[Wire]:
    """Usually one; a user's results become messages of their own, before what else is said."""
    said = _Said()
    for part in message.parts:
        said.add(part, writing)
    out: Wire = {"role": message.role}
    if said.texts or not form(message.extra, "absent"):
        out["content"] = PARAGRAPH.join(said.texts)
    fields = said.fields()
    out.update(fields)
    put_back(out, message.extra)
    spoke = said.texts or fields or (form(message.extra, "home") and not said.results)
    return [*said.results, *([out] if spoke else [])]


def _call(call: ToolCall, writing: Writing) -> Wire:
    name = writing.lower(call.name, call.namespace)
    function: Wire = {"name": name, "arguments": _arguments(call, name, writing)}
    if (index := form(call.extra, "index")) is not None:
        function = {"index": index, **function}
    out: Wire = {} if form(call.extra, "no_id") else {"id": call.id}
    if (kind := form(call.extra, "type")) is not None:
        out["type"] = kind
    return put_back({**out, "function": function}, call.extra)


def _arguments(call: ToolCall, name: str, writing: Writing) -> Json:
    """The arguments as an object, which is all that Ollama takes."""
    if call.kind == "custom":
        return {"input": call.arguments}
    if form(call.extra, "string"):
        return call.arguments
    try:
        parsed = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return writing.attempt.registry.lower_arguments(name, parsed)
    writing.losses.add(f"tool_calls.{call.id}.arguments", "not a JSON object; sent as text", "hint")
    return {"input": call.arguments}


def _result(result: ToolResult, writing: Writing) -> Wire:
    said = _Said()
    for part in result.parts:
        said.add(part, writing)
    text = PARAGRAPH.join(said.texts)
    out: Wire = {"role": "tool"}
    if text or result.is_error or not form(result.extra, "absent"):
        out["content"] = (FAILED + text).rstrip() if result.is_error else text
    if said.images:
        out["images"] = said.images
    if not form(result.extra, "nameless"):
        out[form(result.extra, "field") or "tool_name"] = _tool_name(result, writing)
    if not form(result.extra, "no_id"):
        out["tool_call_id"] = result.call_id
    return put_back(out, result.extra)


def _tool_name(result: ToolResult, writing: Writing) -> str:
    """The name that stands in the call; results seldom say their tool, and never its namespace."""
    call = writing.calls.get(result.call_id)
    if call is None or writing.home:
        return writing.lower(result.name or (call.name if call else result.call_id))
    return writing.lower(call.name, call.namespace)
