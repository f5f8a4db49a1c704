"""The kit's laws."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from attrs import evolve

import gateway_openai
from gateway.events import Delta, Finish, PartStart, Sealed, UsageSeen
from gateway.model import ChatRequest, Message, Reasoning, Text, ToolResult
from gateway.testing.laws.bad_input import BadInputLaws
from gateway.testing.laws.errors import ErrorLaws
from gateway.testing.laws.replies import ReplyLaws
from gateway.testing.laws.requests import RequestLaws
from gateway_openai.chat.reply_fields import REFUSED

CAPTURES = Path(__file__).parents[1] / "captures" / "responses"
EFFORTS = ((2_048, "low"), (8_192, "medium"))
SAID_ALIKE = {"pause": "stop", "context_exceeded": "length"}


class TestRequests(RequestLaws):
    plugin = gateway_openai
    dialect = "responses"
    captures = CAPTURES
    lacks = frozenset(
        {
            *("Sampling.top_k", "Sampling.stop", "Sampling.seed", "Sampling.logprobs"),
            *("Sampling.frequency_penalty", "Sampling.presence_penalty", "*.cache_control"),
        }
    )
    honoured: ClassVar = {
        "input.id": "an item's own name: nothing refers to it",
    }

    def canonical(self, request: ChatRequest) -> ChatRequest:
        """Results stand alone; several system texts are one developer message."""
        request = super().canonical(request)
        messages = [one for message in request.messages for one in _apart(message)]
        return evolve(request, messages=messages, reasoning=_by_effort(request.reasoning))


class TestReplies(ReplyLaws):
    plugin = gateway_openai
    dialect = "responses"

    def canonical_events(self, events):
        """An unsaid count is 0; a seal alone is a redacted thought; a refusal has words."""
        told = {e.index for e in events if isinstance(e, Delta) and e.text == REFUSED}
        events = [e for e in events if getattr(e, "index", None) not in told]
        grown = {event.index for event in events if hasattr(event, "text")}
        sealed = {event.index for event in events if isinstance(event, Sealed)}
        return [_canonical(event, sealed - grown) for event in events]


class TestErrors(ErrorLaws):
    plugin = gateway_openai
    dialect = "responses"


class TestBadInput(BadInputLaws):
    plugin = gateway_openai
    dialect = "responses"
    captures = CAPTURES


def _apart(message: Message) -> list[Message]:
    """A message with its results in one of their own, marked where they are errors."""
    results = [_unmarked(part) for part in message.parts if isinstance(part, ToolResult)]
    rest = [part for part in message.parts if not isinstance(part, ToolResult)]
    both = [Message("user", results)] if results else []
    return [*both, *([evolve(message, parts=rest)] if rest or not results else [])]


def _unmarked(result: ToolResult) -> ToolResult:
    parts = result.parts or [Text("")]
    if result.is_error:
        first, *rest = parts
        parts = [evolve(first, text=f"[tool error] {first.text}"), *rest]
    return evolve(result, parts=parts, is_error=None, name=None)


def _by_effort(reasoning: Reasoning | None) -> Reasoning | None:
    if reasoning is None:
        return None
    effort = reasoning.effort
    if effort is None and reasoning.budget is not None:
        effort = next((name for most, name in EFFORTS if reasoning.budget <= most), "high")
    return Reasoning("off" if reasoning.mode == "off" else None, effort, include=reasoning.include)


def _canonical(event, redacted):
    match event:
        case PartStart(index=index) if index in redacted:
            return evolve(event, redacted=True)
        case UsageSeen(usage):
            counts = ("input", "output", "cached_input", "cache_write", "reasoning")
            return UsageSeen(evolve(usage, **{n: getattr(usage, n) or 0 for n in counts}))
        case Finish(reason=reason):
            return evolve(event, reason=SAID_ALIKE.get(reason, reason))
    return event
