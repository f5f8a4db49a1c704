"""A model that has no tools: what it wants called, it writes into its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import define

from tests.scripted.answer import Answer, Ask
from tests.scripted.script import Script
from tests.scripted.wire import Body

NATIVE_FIELDS = frozenset(
    [
        *("tools", "tool_choice", "parallel_tool_calls", "toolConfig", "functions"),
        *("tool_calls", "tool_call_id", "tool_name", "functionCall", "functionResponse"),
    ]
)
NATIVE_WORDS: Mapping[str, frozenset[str]] = {
    "role": frozenset({"tool", "function"}),
    "type": frozenset(
        [
            *("tool_use", "tool_result", "function_call", "function_call_output"),
            *("custom_tool_call", "custom_tool_call_output"),
        ]
    ),
}


@define(kw_only=True)
class TextOnly(Script):
    """Says `written`, and once the request holds `result`, all that it found of it.

    written: calls in the words of some call format. result: a regular expression.
    """

    written: str
    result: str

    def answer(self, ask: Ask) -> Answer:
        found = dict.fromkeys(re.findall(self.result, ask.raw))
        return Answer(text=f"STUB-FINAL {' '.join(found)}" if found else self.written)


def native_traces(body: Body, path: str = "") -> Iterator[str]:
    """Where a body has something of the wire's own way to call tools."""
    for key, value in body.items():
        if key in NATIVE_FIELDS or (isinstance(value, str) and value in NATIVE_WORDS.get(key, ())):
            yield f"{path}.{key}"
        for at, inner in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(inner, dict):
                yield from native_traces(inner, f"{path}.{key}[{at}]")
