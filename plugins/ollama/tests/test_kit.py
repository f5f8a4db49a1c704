"""The kit's laws, on this dialect."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
from attrs import evolve

import gateway_ollama
from gateway.events import Delta, Event, Finish, PartEnd, PartStart, Sealed, Start, UsageSeen
from gateway.fold import collect, normal, replay
from gateway.model import Media, Message, Part, Text, Thinking, ToolCall, ToolResult
from gateway.testing.laws import DialectLaws

HERE = Path(__file__).parent
PARAGRAPH = "\n\n"
LESS = {"stop_sequence": "stop", "pause": "stop", "context_exceeded": "length"}


class TestOllama(DialectLaws):
    plugin = gateway_ollama
    dialect = "ollama"
    captures = HERE / "captures"
    replies = HERE / "replies"
    lacks = frozenset(
        {
            *("*.cache_control", "*.seal", "Tool.strict", "ToolChoice.parallel"),
            *("Output.name", "Output.description", "Output.strict"),
            *("ChatRequest.user", "ChatRequest.cache_key", "ChatRequest.metadata"),
            *("Reasoning.budget",),
        }
    )

    def canonical(self, request):
        """Texts become paragraphs of one; results stand before what else a user says."""
        request = super().canonical(request)
        tools, choice = request.tools, request.tool_choice
        if choice is not None and tools is not None:
            names = [choice.name] if choice.mode == "tool" else choice.allowed
            tools = [one for one in tools if names is None or one.name in names]
            tools = None if choice.mode == "none" else tools
        names = called(request.messages)
        no_schema = {"type": "object", "properties": {}}
        return evolve(
            request,
            messages=[one for message in request.messages for one in turns(message, names)],
            system=joined(request.system),
            tools=tools and [evolve(one, schema=one.schema or no_schema) for one in tools],
            tool_choice=None,
            reasoning=asked(request.reasoning),
            output=request.output if request.output and request.output.kind != "text" else None,
        )

    def canonical_events(self, events):
        """One thought, one text, then the rest; without ids, seals and counts of the cache."""
        kinds = {event.index: event for event in events if isinstance(event, PartStart)}
        growing: dict[str, list[Event]] = {"thinking": [], "text": []}
        others: dict[int, list[Event]] = {}
        rest = []
        for event in events:
            start = kinds.get(getattr(event, "index", None))
            if start is None:
                rest.append(plain(event))
            elif start.kind not in growing:
                others.setdefault(start.index, []).append(event)
            elif isinstance(event, Delta):
                growing[start.kind].append(event)
        parts = [
            [PartStart(0, kind), Delta(0, "".join(one.text for one in said)), PartEnd(0)]
            for kind, said in growing.items()
            if said
        ]
        parts += [objects(part) for part in others.values()]
        body = [
            evolve(event, index=index)
            for index, part in enumerate(parts)
            for event in part
            if not isinstance(event, Sealed)
        ]
        head = [event for event in rest if isinstance(event, Start)]
        tail = [event for event in rest if isinstance(event, UsageSeen | Finish)]
        return [*head, *body, *tail]

    def example(self, *, stream):
        """The same bytes each time: no clock in them."""
        return re.sub(rb'_duration":\d+', b'_duration":1', super().example(stream=stream))

    def canonical_reply(self, reply):
        """A whole message is one thought, one text and a list of calls, in whatever order."""
        return collect(self.canonical_events(normal(replay(reply))))


def plain(event: Event) -> Event:
    match event:
        case Start():
            return evolve(event, id=None)
        case UsageSeen(usage=usage):
            kept = evolve(usage, cached_input=None, cache_write=None, reasoning=None)
            return UsageSeen(kept)
        case Finish(reason=reason):
            return evolve(event, reason=LESS.get(reason, reason), stop_sequence=None)
    return event


def objects(part: list[Event]) -> list[Event]:
    """A call whose arguments are no object has them in one field."""
    text = "".join(event.text for event in part if isinstance(event, Delta))
    try:
        parsed = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        parsed = None
    start, end = part[0], part[-1]
    if start.kind != "tool_call":
        return part
    said = parsed if isinstance(parsed, dict) else {"input": text}
    return [start, Delta(start.index, orjson.dumps(said).decode()), end]


def joined(system: list[Text]) -> list[Text]:
    said = [text.text for text in system if text.text]
    return [Text(PARAGRAPH.join(said))] if said else []


def asked(reasoning):
    if reasoning is None:
        return None
    if reasoning.mode == "off":
        return evolve(reasoning, include=None)
    if reasoning.effort:
        return evolve(reasoning, mode="adaptive", include=True)
    return evolve(reasoning, mode="on", include=True)


def called(messages: list[Message]) -> dict[str, str]:
    parts = [part for message in messages for part in message.parts]
    return {part.id: part.name for part in parts if isinstance(part, ToolCall)}


def turns(message: Message, names: dict[str, str]) -> list[Message]:
    if message.role == "user":
        results = [one for one in message.parts if isinstance(one, ToolResult)]
        said = [one for one in message.parts if not isinstance(one, ToolResult)]
        turns = [Message("user", [result(one, names) for one in results])] if results else []
        return turns + ([Message("user", in_order(said))] if said else [])
    return [evolve(message, parts=in_order(message.parts))]


def told(part: Part) -> Part:
    """What stands in place of media that can't be sent."""
    if not isinstance(part, Media) or (part.kind == "image" and part.data is not None):
        return part
    if part.kind == "image":
        return Text(f"[image left out ({part.url}): it must be sent as bytes]")
    return Text(f"[{part.kind} left out ({part.name}): only images can be sent]")


def in_order(parts: list[Part]) -> list[Part]:
    thoughts = [one.text for one in parts if isinstance(one, Thinking) and not one.redacted]
    parts = [told(one) for one in parts]
    texts = [one.text for one in parts if isinstance(one, Text) and one.text]
    others = [one for one in parts if isinstance(one, Media)]
    calls = [one for one in parts if isinstance(one, ToolCall)]
    return [
        *([Thinking(PARAGRAPH.join(thoughts))] if thoughts else []),
        *([Text(PARAGRAPH.join(texts))] if texts else []),
        *others,
        *calls,
    ]


def result(one: ToolResult, names: dict[str, str]) -> ToolResult:
    parts = in_order(one.parts)
    if one.is_error:
        said = parts[0].text if parts and isinstance(parts[0], Text) else ""
        rest = parts[1:] if said else parts
        parts = [Text(f"[tool error] {said}".rstrip()), *rest]
    return evolve(one, parts=parts, is_error=None, name=one.name or names[one.call_id])
