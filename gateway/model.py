"""What a client asked for, in words that belong to no dialect.

Nobody changes a request that was handed to them: `attrs.evolve` makes the next one.
`None` means that the client did not say, never a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import define, field

Json: TypeAlias = Any
"""Raw JSON as orjson gives it: dict, list, str, int, float, bool or None."""

Role: TypeAlias = Literal["system", "user", "assistant"]
ToolKind: TypeAlias = Literal["function", "custom", "server"]
Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the client's own body: `("messages", 3, "content", 0)`."""


class Fields(dict[str, Json]):
    """The fields of one object that the hub has no name for, and where that object stood.

    A key that starts with `$` is a note about the wire form (`{"$string": True}`: the content
    was a plain string) that lets the same dialect write the same JSON again. It is not data:
    other dialects skip it and it is never a loss.
    """

    __slots__ = ("path",)

    def __init__(self, fields: Mapping[str, Json] | Iterable[tuple[str, Json]], path: Path) -> None:
        super().__init__(fields)
        self.path = path


Extra: TypeAlias = Mapping[str, Fields]
"""Fields by the dialect that they came from; they go home unchanged."""

NO_EXTRA: Extra = MappingProxyType({})


@define
class Seal:
    """Opaque state that a model wants back: a signature, or encrypted reasoning.

    dialect: whose wire format the value belongs to.
    upstream, model: who issued it; None when it came through the client's own dialect unmarked.
    """

    value: str
    dialect: str
    upstream: str | None = None
    model: str | None = None


@define
class CacheControl:
    """A prompt-cache marker. `ttl` is "5m" or "1h"; None leaves it to the provider."""

    ttl: str | None = None
    extra: Extra = NO_EXTRA


@define
class Text:
    text: str
    seal: Seal | None = None
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class Thinking:
    """A model's reasoning. When `redacted`, the text is empty and the seal holds the content."""

    text: str
    redacted: bool = False
    seal: Seal | None = None
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class Media:
    """An image, a document or a sound: exactly one of `data`, `url` and `file_id` is set.

    kind: what it is used as; a plain-text document has kind "document" and mime "text/plain".
    mime: "image/png"; None when only the provider knows (a URL or a file id).
    data: base64, as it was sent: never decoded on the way.
    name: a file name or a title.
    """

    kind: Literal["image", "document", "audio", "video"]
    mime: str | None = None
    data: str | None = field(default=None, repr=False)
    url: str | None = None
    file_id: str | None = None
    name: str | None = None
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class ToolCall:
    """A call that the assistant made.

    arguments: the JSON text exactly as it was sent ("" stands for none), or a custom tool's
    raw input.
    """

    id: str
    name: str
    arguments: str
    kind: ToolKind = "function"
    namespace: str | None = None
    seal: Seal | None = None
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class ToolResult:
    """What a call gave. It stands in a user message, in the order in which it was sent.

    name: the tool's name, where the dialect says it.
    is_error: None when the dialect did not say.
    """

    call_id: str
    parts: list[Part]
    name: str | None = None
    is_error: bool | None = None
    kind: ToolKind = "function"
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class Opaque:
    """A piece that only one dialect understands; it goes home as it is.

    text: what other dialects are told instead; None tells them nothing, and the piece is a loss.
    """

    dialect: str
    raw: Json
    text: str | None = None
    path: Path = field(default=(), eq=False)


Part: TypeAlias = Text | Thinking | Media | ToolCall | ToolResult | Opaque


@define
class Message:
    """One turn. A `system` message keeps its place in the conversation."""

    role: Role
    parts: list[Part]
    extra: Extra = NO_EXTRA


@define
class Tool:
    """A tool on offer. `schema` is JSON Schema, untouched; a server tool stands in `extra`."""

    name: str
    description: str | None = None
    schema: Json = None
    kind: ToolKind = "function"
    namespace: str | None = None
    strict: bool | None = None
    cache_control: CacheControl | None = None
    extra: Extra = NO_EXTRA


@define
class ToolChoice:
    """What the model must do with the tools.

    mode: "tool" names one tool in `name`; "auto" and "required" may be limited to `allowed`.
    parallel: False forbids several calls in one turn. mode is None when only that was said.
    """

    mode: Literal["auto", "none", "required", "tool"] | None = None
    name: str | None = None
    allowed: list[str] | None = None
    parallel: bool | None = None
    extra: Extra = NO_EXTRA


@define
class Sampling:
    """How the model picks its words. `max_tokens` is the length of the whole reply."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    n: int | None = None


@define
class Reasoning:
    """How much the model thinks.

    mode: "on" with a `budget` in tokens, "adaptive" by `effort`, "off".
    effort: none, minimal, low, medium, high, xhigh or max.
    include: whether the client wants to see the thoughts.
    """

    mode: Literal["off", "on", "adaptive"] | None = None
    effort: str | None = None
    budget: int | None = None
    include: bool | None = None
    extra: Extra = NO_EXTRA


@define
class Output:
    """The form of the answer. `schema` is set when kind is "schema"."""

    kind: Literal["text", "json", "schema"]
    schema: Json = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    extra: Extra = NO_EXTRA


@define
class ChatRequest:
    """One chat request.

    model: the name as the client wrote it; the target's real name stands in the target.
    system: the leading system text, in pieces.
    tools: None when the client sent no list; an empty list is a list.
    user: an end-user id for abuse tracking. cache_key: groups requests for prompt caching.
    """

    model: str
    messages: list[Message]
    system: list[Text] = field(factory=list)
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    sampling: Sampling = field(factory=Sampling)
    reasoning: Reasoning | None = None
    output: Output | None = None
    stream: bool | None = None
    user: str | None = None
    cache_key: str | None = None
    metadata: dict[str, Json] | None = None
    extra: Extra = NO_EXTRA


def own(extra: Extra, dialect: str) -> Mapping[str, Json]:
    """The fields in `extra` that `dialect` may write back, without the notes on form."""
    fields = extra.get(dialect)
    if not fields:
        return {}
    return {key: value for key, value in fields.items() if not key.startswith("$")}


def note(extra: Extra, dialect: str, name: str) -> Json:
    """A note on the wire form that `dialect` left for itself; None when there is none."""
    fields = extra.get(dialect)
    return fields.get("$" + name) if fields else None
