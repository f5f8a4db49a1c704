"""The application from outside: who may ask, whose shape an error takes, its own pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession, TCPConnector, web
from attrs import evolve

from gateway import runtime
from gateway.app import CURRENT, make_app
from gateway.config_keys import digest_of
from gateway.hooks import hookimpl
from gateway.plugins import load
from gateway.settings import (
    Alias,
    Group,
    Plugins,
    ProxyKey,
    Settings,
    TargetName,
    UpstreamSettings,
)
from gateway.upstream import HOP, HOP_HEADER

ECHO = UpstreamSettings("e", "echo")
MODELS = {"*": Alias("*", [TargetName("e", "echo-text")])}
SETTINGS = Settings(upstreams={"e": ECHO}, groups={"default": Group("default", models=MODELS)})
KEY = "cs-a-key-for-this-test-0123456789"
KEYED = evolve(SETTINGS, proxy_keys={"alice": ProxyKey("alice", digest_of(KEY))})
CHAT = {"model": "any", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]}


class Clock:
    """A plugin with a route of its own."""

    API_VERSION = 1

    @hookimpl
    def register_routes(self, app: web.Application) -> None:
        async def clock(request: web.Request) -> web.Response:
            return web.Response(text="noon")

        app.router.add_get("/clock", clock)


Ask = Callable[..., object]


@pytest.fixture
async def ask() -> AsyncIterator[Ask]:
    """`await ask(settings, method, path, …)` gives (status, headers, body as JSON or text)."""
    runners = []

    async def asked(settings: Settings, method: str, path: str, **more: object) -> object:
        app = make_app(runtime.build(settings, load(Plugins(), [Clock()])))
        runner = web.AppRunner(app, handler_cancellation=True)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
        connector = TCPConnector(force_close=True)
        async with (
            ClientSession(connector=connector) as session,
            session.request(method, url, **more) as reply,
        ):
            is_json = reply.content_type == "application/json"
            body = await reply.json() if is_json else await reply.text()
            return reply.status, reply.headers, body

    yield asked
    for runner in runners:
        await runner.cleanup()


async def test_a_chat_is_answered(ask) -> None:
    status, _, body = await ask(SETTINGS, "POST", "/v1/messages", json=CHAT)

    assert status == 200
    assert body["content"] == [{"type": "text", "text": "[echo] hello"}]


async def test_health_needs_no_key(ask) -> None:
    status, _, body = await ask(KEYED, "GET", "/health")

    assert (status, body["status"]) == (200, "ok")


async def test_the_index_page_names_its_own_address(ask) -> None:
    status, headers, body = await ask(SETTINGS, "GET", "/")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "http://127.0.0.1:" in body


@pytest.mark.parametrize("path", ["/", "/health", "/v1/models", "/clock", "/nowhere"])
@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_no_route_is_open_to_foreign_hosts_and_origins(ask, path, header) -> None:
    status, _, _ = await ask(SETTINGS, "GET", path, headers=header)

    assert status == 403


async def test_the_refusal_takes_the_shape_of_the_dialect(ask) -> None:
    bad = {"Origin": "https://evil.example"}

    _, _, claude = await ask(SETTINGS, "POST", "/v1/messages", json=CHAT, headers=bad)
    _, _, openai = await ask(SETTINGS, "POST", "/v1/chat/completions", json=CHAT, headers=bad)

    assert claude["type"] == "error"
    assert claude["error"]["type"] == "permission_error"
    assert "param" in openai["error"]


@pytest.mark.parametrize("path", ["/v1/models", "/clock"])
async def test_a_keyed_gateway_wants_its_key_everywhere(ask, path) -> None:
    without, headers, _ = await ask(KEYED, "GET", path)
    shown, _, _ = await ask(KEYED, "GET", path, headers={"x-api-key": KEY})

    assert (without, shown) == (401, 200)
    assert headers["x-should-retry"] == "false"


async def test_a_request_that_comes_back_is_a_loop(ask) -> None:
    headers = {HOP_HEADER: f"abc, {HOP}"}

    status, _, body = await ask(SETTINGS, "POST", "/v1/messages", json=CHAT, headers=headers)

    assert status >= 500
    assert "been through this gateway before" in body["error"]["message"]


async def test_a_body_over_the_limit_is_a_413(ask) -> None:
    small = evolve(SETTINGS, server=evolve(SETTINGS.server, max_body=20))

    status, _, body = await ask(small, "POST", "/v1/messages", json=CHAT)

    assert status == 413
    assert "server.max_body" in body["error"]["message"]


async def test_a_swapped_runtime_answers_the_next_exchange_and_the_old_one_closes() -> None:
    plugins = load(Plugins())
    old = runtime.build(SETTINGS, plugins)
    app = make_app(old)
    new = runtime.build(KEYED, plugins, old)

    with old:
        app[CURRENT].swap(new)
        assert app[CURRENT].runtime is new
        assert new.upstreams["e"] is old.upstreams["e"]

    await app[CURRENT].close()
