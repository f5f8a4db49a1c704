"""Our own dialects keep every law of the kit; what each can't say is written down here."""

from __future__ import annotations

from attrs import evolve

from gateway.events import Delta, Finish
from gateway.model import Reasoning, Text, ToolCall, ToolResult
from gateway.registry import shorten
from gateway.testing.laws import DialectLaws
from gateway.testing.tellings import in_slots
from tests.matrix.pairs import PLUGINS

NAME_LIMIT = 64
REFUSED = "The model refused to answer."
"""OpenAI's sign of a refusal is its words, so one without words gets these."""


class TestClaude(DialectLaws):
    plugin = "gateway_claude"
    dialect = "claude"
    captures = PLUGINS / "claude" / "tests" / "captures"
    lacks = frozenset(
        [
            *("Sampling.seed", "Sampling.frequency_penalty", "Sampling.presence_penalty"),
            *("ChatRequest.cache_key", "Output.name"),
        ]
    )

    def canonical(self, request):
        request = short_names(super().canonical(request))
        if request.output and request.output.kind == "json":
            return evolve(request, output=None)
        if request.output:
            return evolve(request, output=evolve(request.output, strict=None))
        return request

    def canonical_events(self, events):
        return [renamed(event, {"content_filter": "refusal"}) for event in events]

    def canonical_reply(self, reply):
        """A body can't hold arguments that the token limit cut, so it wraps them."""
        return evolve(reply, parts=[p for p in reply.parts if not isinstance(p, ToolCall)])


class TestOpenai(DialectLaws):
    plugin = "gateway_openai"
    dialect = "openai"
    captures = PLUGINS / "openai" / "tests" / "captures"
    quirks = {
        "reasoning_request": "effort",
        "cache_key": True,
        "cache_control": True,
        "tool_images": True,
        "top_k": True,
    }
    honoured = {
        "stream_options.include_usage": "the upstream is always asked; the encoder obeys",
    }

    def canonical(self, request):
        request = short_names(super().canonical(request))
        system = "\n\n".join(text.text for text in request.system)
        reasoning = request.reasoning and Reasoning(effort=request.reasoning.effort or "low")
        return evolve(
            request,
            system=[Text(system)] if len(request.system) > 1 else request.system,
            messages=[turn for message in request.messages for turn in turns(message)],
            reasoning=reasoning,
        )

    def canonical_body(self, body):
        return {**body, "stream_options": {"include_usage": True}} if body.get("stream") else body

    def canonical_events(self, events):
        less = {"pause": "stop", "context_exceeded": "length", "refusal": "content_filter"}
        refused = any(isinstance(e, Finish) and e.reason == "refusal" for e in events)
        words = REFUSED if refused else ""
        return [with_words(renamed(event, less), words) for event in in_slots(events)]


def turns(message):
    """OpenAI has a message for each result, and one for what else the user says."""
    results = [[spoken(part)] for part in message.parts if isinstance(part, ToolResult)]
    rest = [part for part in message.parts if not isinstance(part, ToolResult)]
    return [evolve(message, parts=parts) for parts in [*results, rest] if parts]


def spoken(result):
    """A tool's result without the fields that OpenAI lacks, said in words."""
    parts = result.parts or [Text("(no output)")]
    if result.is_error:
        parts = [evolve(parts[0], text="[tool error] " + parts[0].text), *parts[1:]]
    return evolve(result, parts=parts, is_error=None)


def with_words(event, words):
    return (
        evolve(event, text=event.text.removesuffix(words) + words)
        if isinstance(event, Delta)
        else event
    )


def renamed(event, reasons):
    if isinstance(event, Finish):
        return evolve(event, reason=reasons.get(event.reason, event.reason))
    return event


def short_names(request):
    """Tools with the names that go over the wire."""
    tools = [
        evolve(t, name=t.name if len(t.name) <= NAME_LIMIT else shorten(t.name))
        for t in request.tools or ()
    ]
    return evolve(request, tools=tools or None)
