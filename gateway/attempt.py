"""One try to get an answer: which model at which upstream, and what the try has to remember."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import define, field, frozen

from gateway.losses import Losses
from gateway.model import Json
from gateway.registry import ToolRegistry

NO_FACTS: Mapping[str, Json] = MappingProxyType({})


@frozen
class Target:
    """A real model at an upstream.

    backend: what carries the request ("openai", "echo"); speaks: its dialect, None for none.
    facts: what is known of the model, by the names of `[upstreams.X.models."…"]`: tools, images,
    thinking (bool), context, max_output (tokens), price.
    quirks: how this provider differs from its dialect; the dialect's plugin defines the names.
    params: fields that overwrite the body last. defaults: fields for what the client left out.
    A dialect puts both where its wire wants them, in `write_request` and `relay`.
    main: the same model at the main face of its provider; None: this is that one.
    """

    upstream: str
    model: str
    backend: str
    speaks: str | None = None
    base_url: str = ""
    facts: Mapping[str, Json] = NO_FACTS
    quirks: Mapping[str, Json] = NO_FACTS
    params: Mapping[str, Json] = NO_FACTS
    defaults: Mapping[str, Json] = NO_FACTS
    main: Target | None = None

    def __str__(self) -> str:
        return f"{self.upstream}/{self.model}"


@define
class Attempt:
    """One attempt at one target, with losses and lowered tool names of its own.

    stream: whether the client wants the reply streamed. client: the dialect of the client.
    refuse_losses: whether a loss of meaning forbids sending the request.
    counts: what plugins counted in it, by PLUGIN_WHAT ("toolcompat_repaired").
    """

    target: Target
    stream: bool = False
    client: str = ""
    losses: Losses = field(factory=Losses)
    registry: ToolRegistry = field(factory=ToolRegistry)
    refuse_losses: bool = False
    counts: dict[str, int] = field(factory=dict)
