"""What a model name that starts with "say-" makes the upstream say: the table of the SDK matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tests.scripted.answer import TEXT, THOUGHT, Answer, Ask, Call, Usage, compact, smallest
from tests.scripted.faults import Break, Fault, Raw, Refuse

CITIES = ({"city": "Zürich", "days": 3}, {"city": "São Paulo", "days": 1})
LONG = {"city": "x" * 4000 + 'ü"\\\n', "days": 1}
PARTIAL = "This answer is too long to be"
REFUSAL = "I can't help with that."
FULL_USAGE = Usage(input=1200, cached=1000, written=0, output=50, reasoning=30)
RATE_HEADERS = {
    "openai": {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-request-id": "req_scripted",
    },
    "claude": {
        "anthropic-ratelimit-requests-limit": "60",
        "anthropic-ratelimit-requests-remaining": "59",
        "request-id": "req_scripted",
    },
}


def answer_for(ask: Ask) -> Answer | None:
    """The scripted answer to a `say-…` model; None when the name is none of the table's."""
    make = ANSWERS.get(ask.model)
    return make(ask) if make else None


def fault_for(model: str) -> Fault | None:
    """The fault that a `say-…` model stands for, if any. `say-error-429-7` has a Retry-After."""
    if found := re.fullmatch(r"say-error-(\d{3})(?:-(\d+))?", model):
        headers = {"retry-after": found[2]} if found[2] else {}
        return Refuse(int(found[1]), message=f"scripted {found[1]}", headers=headers)
    return FAULTS.get(model)


def _calls(ask: Ask, *arguments: Mapping[str, object]) -> list[Call]:
    return [Call(ask.tools[0], each) for each in arguments]


def _tools(text: str | None = None, thinking: str | None = None) -> Callable[[Ask], Answer]:
    def make(ask: Ask) -> Answer:
        calls = _calls(ask, CITIES[0])
        return Answer(text=text, thinking=thinking, calls=calls, finish="tool_use")

    return make


ANSWERS: Mapping[str, Callable[[Ask], Answer]] = {
    "say-text": lambda _: Answer(text=TEXT),
    "say-tool": _tools(),
    "say-text-tool": _tools(text=TEXT),
    "say-thinking-tool": _tools(thinking=THOUGHT),
    "say-thinking": lambda _: Answer(text=TEXT, thinking=THOUGHT),
    "say-two-tools": lambda ask: Answer(calls=_calls(ask, *CITIES), finish="tool_use"),
    "say-long-tool": lambda ask: Answer(calls=_calls(ask, LONG), finish="tool_use"),
    "say-empty-tool": lambda ask: Answer(calls=_calls(ask, {}), finish="tool_use"),
    "say-length": lambda _: Answer(text=PARTIAL, finish="length"),
    "say-refusal": lambda _: Answer(refusal=REFUSAL, finish="refusal"),
    "say-json": lambda ask: Answer(text=compact(smallest(ask.schema or {"type": "object"}))),
    "say-usage": lambda _: Answer(text=TEXT, thinking=THOUGHT, usage=FULL_USAGE),
    "say-stop-sequence": lambda _: Answer(
        text="one two ", finish="stop_sequence", stop_sequence="END"
    ),
}
FAULTS: Mapping[str, Fault] = {
    "say-reset": Break("reset"),
    "say-early-end": Break("early"),
    "say-error-inside": Break("error"),
    "say-error-first": Break("error_first"),
    "say-hang": Break("hang"),
    "say-hang-head": Break("hang_head"),
    "say-hang-silent": Break("hang_silent"),
    "say-html": Raw(b"<html><body>Bad gateway</body></html>", "text/html"),
    "say-garbage": Raw(b"data: {this is not json\n\n"),
    "say-half-event": Raw(b'event: message_start\ndata: {"type": "mess'),
    "say-bad-utf8": Raw(b'data: {"choices": [{"delta": {"content": "\xff\xfe"}}]}\n\n'),
    "say-nothing": Raw(b""),
}
