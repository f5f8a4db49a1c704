"""The demo model: a small real model on this machine, run by llama.cpp in a child process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.context import Call, Context
from gateway.hooks import Address, Backend, Fallback, Touch, hookimpl
from gateway.model import ChatRequest
from gateway.settings import UpstreamSettings
from gateway_local.facts import BACKEND, DEMO_FACTS, MODEL, NOTE, LocalSettings
from gateway_local.model_file import packaged_model
from gateway_local.servers import Servers

if TYPE_CHECKING:
    from aiohttp import web

API_VERSION = 1
SERVERS = Servers()
"""The model servers of this process: children belong to a process, not to an application."""


@hookimpl
def register_backends() -> Sequence[Backend]:
    return [Backend(BACKEND, speaks="openai", needs_url=False, prepare=prepare)]


@hookimpl
def register_settings() -> Mapping[str, type]:
    return {"upstream.local": LocalSettings}


@hookimpl
def offer_fallback() -> Fallback | None:
    """The demo model where it is installed; a real model found on this machine goes before it."""
    if packaged_model() is None:
        return None
    upstream = UpstreamSettings(
        BACKEND, BACKEND, models={"*": DEMO_FACTS}, place="no configuration"
    )
    return Fallback(rank=50, upstream=upstream, model=MODEL, note=NOTE, demo=True)


@hookimpl
@asynccontextmanager
async def lifespan(app: web.Application) -> AsyncGenerator[None, None]:  # noqa: ARG001 hookspec
    try:
        yield
    finally:
        await SERVERS.stop()


@hookimpl
def touches(context: Context) -> set[Touch] | None:
    """The request must be parsed: to see its length, and to put in words what it can't read."""
    return {"request"} if context.target.backend == BACKEND else None


@hookimpl(trylast=True)
def rewrite_prompt(request: ChatRequest, context: Context) -> ChatRequest | None:
    from gateway_local.words import in_words

    return in_words(request, context.losses) if context.target.backend == BACKEND else None


async def prepare(call: Call) -> Address:
    """Where the demo model listens, once it does. Raises PromptTooLong, Unavailable."""
    from gateway_local.length import refuse_if_too_long

    upstream = call.upstream.settings
    settings = upstream.extra.get(BACKEND) or LocalSettings()
    refuse_if_too_long(call.request, settings.context)
    return await SERVERS.address(upstream.name, settings)
