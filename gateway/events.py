"""What a model answered, piece by piece, in words that belong to no dialect.

Grammar: one `Start`; parts that open, grow and close (they may interleave by index); usage
anywhere; exactly one `Finish` or `Failure`, last. `Ping` may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import define

from gateway.errors import GatewayError
from gateway.model import NO_EXTRA, Extra, Json, Seal, ToolKind

FinishReason: TypeAlias = Literal[
    "stop",
    "length",
    "tool_use",
    "stop_sequence",
    "content_filter",
    "refusal",
    "pause",
    "context_exceeded",
]
PartKind: TypeAlias = Literal["text", "thinking", "tool_call", "media"]
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@define
class Usage:
    """Tokens of one exchange. None is "not said", which is not 0.

    input: everything that was read, cached or not, written to the cache or not.
    cached_input, cache_write: the parts of `input` read from, and written to, the prompt cache.
    output: everything that was written, `reasoning` included.
    """

    input: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    source: Literal["provider", "estimated", "mixed"] = "provider"
    extra: Extra = NO_EXTRA

    def merged(self, later: Usage) -> Usage:
        """Join two cumulative readings of one reply: the larger count of each kind wins."""
        return Usage(
            input=_larger(self.input, later.input),
            cached_input=_larger(self.cached_input, later.cached_input),
            cache_write=_larger(self.cache_write, later.cache_write),
            output=_larger(self.output, later.output),
            reasoning=_larger(self.reasoning, later.reasoning),
            source=self.source if self.source == later.source else "mixed",
            extra={**self.extra, **later.extra},
        )


@define
class Start:
    """The reply begins. `headers` are the allow-listed reply headers of the upstream."""

    id: str | None = None
    model: str | None = None
    headers: Mapping[str, str] = NO_HEADERS
    extra: Extra = NO_EXTRA


@define
class PartStart:
    """A part opens. `index` is unique in the reply; parts are numbered from 0 as they open.

    id, name, namespace, tool: for a tool call (its name, and its kind of tool).
    redacted: a thinking part whose content is its seal. mime: for media, whose deltas are base64.
    """

    index: int
    kind: PartKind
    id: str | None = None
    name: str | None = None
    namespace: str | None = None
    tool: ToolKind = "function"
    redacted: bool = False
    mime: str | None = None
    extra: Extra = NO_EXTRA


@define
class Delta:
    """More of a part: text, a piece of a call's arguments, or base64."""

    index: int
    text: str


@define
class Sealed:
    """The seal of an open part."""

    index: int
    seal: Seal


@define
class PartEnd:
    index: int
    extra: Extra = NO_EXTRA


@define
class UsageSeen:
    """A reading of the token counts so far; readings are cumulative."""

    usage: Usage


@define
class Finish:
    reason: FinishReason
    stop_sequence: str | None = None
    extra: Extra = NO_EXTRA


@define
class Failure:
    """The reply ends in an error after it began."""

    error: GatewayError


@define
class Ping:
    """Nothing happened for a while."""


@define
class OpaqueEvent:
    """What only one dialect understands.

    With an index, `raw` is one complete part of the reply (it opens and closes here).
    Without, `raw` is one event of that dialect's stream.
    """

    dialect: str
    raw: Json
    index: int | None = None


Event: TypeAlias = (
    Start | PartStart | Delta | Sealed | PartEnd | UsageSeen | Finish | Failure | Ping | OpaqueEvent
)


def _larger(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)
