"""Tool calling for models that have none: tools told in words, calls read from the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping

from gateway.context import Call, Context
from gateway.events import Event
from gateway.hooks import Touch, hookimpl
from gateway.model import ChatRequest
from gateway_toolcompat.settings import NAME, Options, is_on

API_VERSION = 1
Batches = AsyncGenerator[list[Event], None]


@hookimpl
def register_settings() -> Mapping[str, type]:
    return {f"group.{NAME}": Options}


@hookimpl
def touches(context: Context) -> set[Touch] | None:
    return {"request", "reply"} if is_on(context) else None


@hookimpl
def rewrite_prompt(request: ChatRequest, context: Context) -> ChatRequest | None:
    """Turn tools, calls and results into words."""
    if not is_on(context):
        return None
    from gateway_toolcompat.prompt import rewritten

    return rewritten(request, context)


@hookimpl(wrapper=True)
def call_backend(call: Call) -> Generator[None, Batches | None, Batches | None]:
    """Turn words back into calls, where the request was turned into words."""
    stream = yield
    plan = call.state.get(NAME)
    if stream is None or plan is None:
        return stream
    from gateway_toolcompat.understanding import understood

    return understood(call, plan, stream)
