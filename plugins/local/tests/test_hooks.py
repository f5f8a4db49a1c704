from __future__ import annotations

from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

import gateway_local
from gateway.attempt import Attempt, Target
from gateway.context import Call
from gateway.errors import PromptTooLong
from gateway.hooks import Address
from gateway.model import ChatRequest, Message, Text, Tool
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream
from gateway_local.facts import LocalSettings


def call_with(text: str, **extra) -> Call:
    [backend] = gateway_local.register_backends()
    upstream = Upstream(UpstreamSettings("demo", "local", extra=extra), backend)
    request = ChatRequest("any", [Message("user", [Text(text)])])
    return Call(request, Attempt(Target("demo", "any", "local", "openai")), backend, upstream)


def context_of(backend: str) -> SimpleNamespace:
    attempt = Attempt(Target("x", "m", backend))
    return SimpleNamespace(target=attempt.target, losses=attempt.losses)


async def health_of(address: Address) -> int:
    url = address.base_url + "/health"
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return reply.status


def test_the_backend_needs_no_url_and_speaks_openai():
    [backend] = gateway_local.register_backends()

    assert (backend.name, backend.speaks, backend.needs_url) == ("local", "openai", False)


def test_the_demo_model_answers_when_nothing_is_configured():
    offer = gateway_local.offer_fallback()

    assert offer is not None
    assert offer.demo
    assert (offer.upstream.backend, offer.model) == ("local", "demo-model")
    facts = offer.upstream.models["*"]
    assert (facts.tools, facts.images, facts.context) == (False, False, 8192)


def test_without_the_model_nothing_is_offered(monkeypatch):
    monkeypatch.setattr(gateway_local, "packaged_model", lambda: None)

    assert gateway_local.offer_fallback() is None


async def test_prepare_gives_an_address_and_the_lifespan_ends_it():
    call = call_with("hello")
    async with gateway_local.lifespan(web.Application()):
        assert call.backend.prepare is not None
        address = await call.backend.prepare(call)
        assert address is not None
        assert await health_of(address) == 200

    with pytest.raises(aiohttp.ClientConnectorError):
        await health_of(address)


async def test_a_request_that_is_too_long_starts_nothing():
    call = call_with("word " * 3000, local=LocalSettings(context=2048))

    with pytest.raises(PromptTooLong, match="> 2048 maximum"):
        await gateway_local.prepare(call)

    assert gateway_local.SERVERS._children == {}


@pytest.mark.parametrize(("backend", "wanted"), [("local", {"request"}), ("openai", None)])
def test_only_requests_to_the_demo_model_are_touched(backend, wanted):
    assert gateway_local.touches(context_of(backend)) == wanted


def test_requests_to_other_backends_are_not_rewritten():
    request = ChatRequest("m", [], tools=[Tool("f")])

    assert gateway_local.rewrite_prompt(request, context_of("openai")) is None


def test_tools_do_not_reach_the_demo_model():
    request = ChatRequest("m", [], tools=[Tool("f")])
    context = context_of("local")

    changed = gateway_local.rewrite_prompt(request, context)

    assert changed is not None
    assert changed.tools is None
    assert [loss.path for loss in context.losses] == ["tools"]
