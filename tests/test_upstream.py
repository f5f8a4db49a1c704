"""Asking an upstream: addresses, headers, bodies, and what a broken connection means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from gateway.attempt import Attempt, Target
from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.events import Event, Failure, Finish, Start
from gateway.hooks import Backend
from gateway.model import ChatRequest
from gateway.settings import UpstreamSettings
from gateway.upstream import (
    HOP,
    HOP_HEADER,
    Upstream,
    allowed,
    ask,
    base_url,
    call_wire,
)
from gateway.wire import UpstreamWire


class Lines:
    """Decodes "start", "finish" lines; enough to see when batches come."""

    def __init__(self) -> None:
        self.finished = False

    def feed(self, data: bytes) -> list[Event]:
        words = {b"start": Start("r1"), b"finish": Finish("stop")}
        events: list[Event] = [words[line] for line in data.split()]
        self.finished = self.finished or any(isinstance(event, Finish) for event in events)
        return events

    def close(self) -> list[Event]:
        return [] if self.finished else [Failure(UpstreamError.truncated())]


BACKEND = Backend(
    name="plain",
    version="v1",
    write_request=lambda request, attempt: UpstreamWire("/chat", {"model": attempt.target.model}),
    decoder=lambda attempt, stream: Lines(),
    auth=lambda key: {"Authorization": f"Bearer {key}"},
    reply_headers=("x-request-id", "x-limit-*"),
)


@asynccontextmanager
async def calling(handler: web.Handler, **settings: object) -> AsyncIterator[Call]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}"
    upstream = Upstream(UpstreamSettings("up", "plain", url, **settings), BACKEND)
    target = Target("up", "m1", "plain", base_url=url)
    try:
        yield Call(ChatRequest("m", [], stream=True), Attempt(target), BACKEND, upstream, "sk-real")
    finally:
        await upstream.close()
        await runner.cleanup()


async def test_a_call_carries_the_key_the_model_and_the_hop_mark() -> None:
    seen = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(path=request.path, body=await request.json(), headers=request.headers)
        return web.Response(text="start finish", headers={"X-Limit-Left": "3", "Set-Cookie": "a=b"})

    async with calling(handler, headers={"X-Team": "blue"}) as call:
        batches = [batch async for batch in call_wire(call)]

    assert seen["path"] == "/v1/chat"
    assert seen["body"] == {"model": "m1"}
    assert seen["headers"]["Authorization"] == "Bearer sk-real"
    assert seen["headers"]["X-Team"] == "blue"
    assert seen["headers"][HOP_HEADER] == HOP
    assert batches == [[Start("r1", headers={"x-limit-left": "3"}), Finish("stop")]]


async def test_an_error_status_raises_before_any_event() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=429, text="slow down")

    async with calling(handler) as call:
        with pytest.raises(UpstreamError) as caught:
            await anext(call_wire(call))

    assert (caught.value.status, caught.value.kind) == (429, "rate_limit")


async def test_a_redirect_is_never_followed() -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with calling(handler) as call:
        with pytest.raises(UpstreamError, match="redirect"):
            await anext(call_wire(call))

    assert asked == ["/v1/chat"]


async def test_a_connection_that_breaks_after_events_ends_in_a_failure() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"start\n")
        await asyncio.sleep(0)
        assert request.transport is not None
        request.transport.abort()
        return reply

    async with calling(handler) as call:
        events = [event async for batch in call_wire(call) for event in batch]

    assert events[0] == Start("r1")
    assert isinstance(events[-1], Failure)
    assert events[-1].error.kind == "connection"


async def test_a_port_where_nobody_listens_is_an_upstream_error() -> None:
    upstream = Upstream(UpstreamSettings("gone", "plain", "http://127.0.0.1:9"), BACKEND)
    target = Target("gone", "m1", "plain")
    call = Call(ChatRequest("m", []), Attempt(target), BACKEND, upstream)

    with pytest.raises(UpstreamError, match="'gone' could not be reached"):
        await anext(call_wire(call))

    await upstream.close()


async def test_a_silent_upstream_times_out() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with calling(handler, timeout=0.05) as call:
        with pytest.raises(UpstreamError) as caught:
            await anext(call_wire(call))

    assert (caught.value.status, caught.value.kind) == (504, "timeout")


async def test_closing_the_call_closes_the_upstreams_request() -> None:
    left = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"start\n")
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        return reply

    async with calling(handler) as call:
        batches = call_wire(call)
        await anext(batches)
        await batches.aclose()
        await asyncio.wait_for(left.wait(), 1)


async def test_a_hundred_calls_share_one_connection() -> None:
    peers = set()

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.Response(text="start finish")

    async with calling(handler) as call:
        for _ in range(100):
            async for _batch in call_wire(call):
                pass

    assert len(peers) == 1


async def test_ask_wants_json() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="<html>")

    async with calling(handler) as call:
        with pytest.raises(UpstreamError, match="not JSON"):
            await ask(call, UpstreamWire("/count", {}))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.x.ai", "https://api.x.ai/v1"),
        ("https://api.x.ai/", "https://api.x.ai/v1"),
        ("https://api.x.ai/v1", "https://api.x.ai/v1"),
        ("https://open.bigmodel.cn/api/paas/v4/", "https://open.bigmodel.cn/api/paas/v4"),
        ("https://g.co/v1beta", "https://g.co/v1beta"),
        ("https://x.y/anthropic", "https://x.y/anthropic/v1"),
    ],
)
def test_a_version_segment_is_kept_else_the_dialects_own_is_added(url: str, expected: str) -> None:
    assert base_url(url, "v1") == expected


def test_only_listed_reply_headers_pass() -> None:
    headers = {"X-Request-Id": "1", "X-Limit-A": "2", "Server": "nginx", "Set-Cookie": "s"}

    assert allowed(headers, ("x-request-id", "x-limit-*")) == {
        "x-request-id": "1",
        "x-limit-a": "2",
    }


@asynccontextmanager
async def proxy() -> AsyncIterator[tuple[str, list[str]]]:
    """An HTTP proxy, and the keys that went through it."""
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(f"{request.headers['Authorization']} to {request.headers['Host']}")
        return web.Response(body=b"start finish")

    runner = web.AppRunner(web.Application())
    runner.app.router.add_route("*", "/{path:.*}", handler)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
    finally:
        await runner.cleanup()


@asynccontextmanager
async def sending(url: str, **settings: object) -> AsyncIterator[Upstream]:
    upstream = Upstream(UpstreamSettings("up", "plain", url, **settings), BACKEND)
    try:
        yield upstream
    finally:
        await upstream.close()


@pytest.mark.parametrize("count", [1, 2])
async def test_each_key_goes_through_its_own_proxy_where_there_are_several(count: int) -> None:
    settings = {"keys": ("k1", "k2")}
    async with proxy() as (first, at_first), proxy() as (second, at_second):
        addresses = (first, second)[:count]
        async with sending("http://up.example/v1", proxies=addresses, **settings) as upstream:
            for key in settings["keys"]:
                reply = await upstream.send(UpstreamWire("/chat", {}), key)
                reply.close()

    through = ["Bearer k1 to up.example", "Bearer k2 to up.example"]
    assert at_first == through[: 3 - count]
    assert at_second == through[3 - count :]


async def test_a_key_is_carried_as_the_upstream_wants_it() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response(dict(request.headers))

    async with calling(handler, auth="api-key: {key}") as call:
        headers = await ask(call, UpstreamWire("/chat", {}))

    assert headers["api-key"] == "sk-real"
    assert "Authorization" not in headers
