"""What was asked of the scripted model and what it says, in words of no wire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import field, frozen

Finish = Literal["stop", "length", "tool_use", "stop_sequence", "refusal", "content_filter"]
TEXT = "STUB-TEXT hello from the scripted backend."
THOUGHT = "The user wants the weather; a tool knows it."
SIGNATURE = "c3R1Yi1zaWduYXR1cmU="


@frozen
class Ask:
    """One generation request. results: the texts of the tool results it carries.

    kinds, spaces: type and namespace of an offered tool, where its wire has them.
    schema: the JSON schema that the answer must follow; {} for any JSON, None for free text.
    raw: the request as it came, head and body.
    """

    model: str
    stream: bool
    tools: Sequence[str] = ()
    results: Sequence[str] = ()
    schema: Mapping[str, Any] | None = None
    kinds: Mapping[str, str] = field(factory=dict)
    spaces: Mapping[str, str] = field(factory=dict)
    usage_wanted: bool = True
    raw: str = field(default="", repr=False)


@frozen
class Call:
    name: str
    arguments: Mapping[str, Any]

    @property
    def json(self) -> str:
        return compact(self.arguments)


@frozen
class Usage:
    """input: everything read, `cached` and `written` (to the cache) included."""

    input: int = 1200
    cached: int = 0
    written: int = 0
    output: int = 17
    reasoning: int = 0


@frozen
class Answer:
    text: str | None = None
    thinking: str | None = None
    signature: str = SIGNATURE
    calls: Sequence[Call] = ()
    refusal: str | None = None
    finish: Finish = "stop"
    stop_sequence: str | None = None
    usage: Usage = field(factory=Usage)
    headers: Mapping[str, str] = field(factory=dict)


def call_id(index: int) -> str:
    return f"stub{index:02d}"


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def smallest(schema: Mapping[str, Any]) -> Any:
    """The smallest value that satisfies a plain JSON schema (Gemini's upper-case types too)."""
    kind = schema.get("type")
    kind = str((kind[0] if isinstance(kind, list) else kind) or "").lower()
    if schema.get("enum"):
        return schema["enum"][0]
    if kind == "object" or "properties" in schema:
        return {name: smallest(inner) for name, inner in schema.get("properties", {}).items()}
    return {"array": [], "number": 1, "integer": 1, "boolean": True}.get(kind, "stub")
