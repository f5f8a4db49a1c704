"""The laws of the kit, and what this dialect restructures on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from attrs import evolve

from gateway.events import Delta, Finish, OpaqueEvent, PartEnd, PartStart, UsageSeen
from gateway.fold import normal
from gateway.model import Media, ToolCall, ToolResult
from gateway.testing.laws import DialectLaws
from gateway_gemini.media import guessed_mime
from gateway_gemini.names import DIALECT
from gateway_gemini.outbound import placed
from gateway_gemini.responses import RAW, arguments_object
from gateway_gemini.spelling import camel

USERS_OWN = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema"})
SCHEMAS = frozenset({"parameters", "responseSchema"})
NEAR = {
    "refusal": "content_filter",
    "pause": "stop",
    "stop_sequence": "stop",
    "context_exceeded": "length",
}


class TestGemini(DialectLaws):
    plugin = "gateway_gemini"
    dialect = DIALECT
    captures = Path(__file__).parent / "captures"
    lacks = frozenset(
        [
            *("ChatRequest.user", "ChatRequest.cache_key", "ChatRequest.metadata"),
            *("*.cache_control", "ToolChoice.parallel", "Thinking.redacted"),
            *("Output.name", "Output.description", "Output.strict"),
        ]
    )
    honoured = {
        "systemInstruction.role": "a system instruction has no other",
        "contents.parts.functionResponse.name": "it goes home; elsewhere the call has it",
    }

    def canonical(self, request):
        """System turns are marked text; a result has its call's name; media have a type."""
        request = super().canonical(request)
        messages = [placed(message) for message in request.messages]
        names = {p.id: p.name for m in messages for p in m.parts if isinstance(p, ToolCall)}
        messages = [
            evolve(m, parts=[_canonical(part, names) for part in m.parts]) for m in messages
        ]
        return evolve(request, messages=messages)

    def canonical_body(self, body):
        return _camel(body)

    def canonical_events(self, events):
        """Neighbours of one kind are one text; the reason is the nearest that Gemini has."""
        return _joined([_near(event) for event in events])

    def canonical_reply(self, reply):
        return evolve(reply, finish=_near(reply.finish))


def _canonical(part: Any, names: dict[str, str]) -> Any:
    if isinstance(part, ToolResult):
        inner = [_canonical(one, names) for one in part.parts]
        failed = True if part.is_error else None
        return evolve(part, name=names[part.call_id], is_error=failed, parts=inner)
    if isinstance(part, Media) and part.mime is None and part.data is None:
        return evolve(part, mime=guessed_mime(part))
    return part


def _camel(value: Any) -> Any:
    """Every key of Gemini's own in camelCase; what belongs to the user stays."""
    if isinstance(value, list):
        return [_camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: inner if key in USERS_OWN or key in SCHEMAS else _camel(inner)
        for key, inner in camel(value).items()
    }


def _joined(events: list[Any]) -> list[Any]:
    """Neighbouring texts as one; arguments as Gemini carries them: as an object."""
    out: list[Any] = []
    kinds = {event.index: event.kind for event in events if isinstance(event, PartStart)}
    for event in events:
        last = out[-1] if out else None
        if isinstance(event, Delta) and kinds[event.index] == "tool_call":
            out.append(evolve(event, text=_settled(event.text)))
        elif isinstance(last, PartEnd) and _is_text(event) and kinds[last.index] == "text":
            out.pop()
        else:
            out.append(event)
    return normal(_numbered(out))


def _is_text(event: Any) -> bool:
    return isinstance(event, PartStart) and event.kind == "text"


def _settled(arguments: str) -> str:
    given = arguments_object(arguments)
    return orjson.dumps({RAW: arguments} if given is None else given).decode()


def _numbered(events: list[Any]) -> list[Any]:
    """The parts numbered anew, in their order."""
    number = -1
    out = []
    for event in events:
        number += isinstance(event, PartStart | OpaqueEvent)
        out.append(evolve(event, index=number) if hasattr(event, "index") else event)
    return out


def _near(event: Any) -> Any:
    if isinstance(event, Finish):
        return Finish(NEAR.get(event.reason, event.reason))
    if isinstance(event, UsageSeen):
        return evolve(event, usage=evolve(event.usage, cache_write=None))
    return event
