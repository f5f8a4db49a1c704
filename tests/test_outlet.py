"""The client's side of a stream: when the head goes out, and pings in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web

from gateway.outlet import Outlet

Body = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def read(handler: Body) -> tuple[aiohttp.ClientResponse, bytes]:
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as reply:
            return reply, await reply.read()
    finally:
        await runner.cleanup()


async def test_the_head_goes_out_with_the_first_bytes() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        with Outlet(request, "text/event-stream", b": \n\n", 10) as outlet:
            assert not outlet.opened
            outlet.headers = {"request-id": "r1"}
            await outlet.write(b"data: 1\n\n")
            assert outlet.opened
            return await outlet.finish()

    reply, body = await read(handler)

    assert body == b"data: 1\n\n"
    assert reply.content_type == "text/event-stream"
    assert reply.headers["request-id"] == "r1"
    assert reply.headers["Cache-Control"] == "no-cache"


async def test_lv1_silence_is_broken_by_pings_before_and_between_bytes() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        with Outlet(request, "text/event-stream", b": ping\n\n", 0.02) as outlet:
            await asyncio.sleep(0.05)
            assert outlet.opened
            await outlet.write(b"data: 1\n\n")
            await asyncio.sleep(0.05)
            await outlet.write(b"data: 2\n\n")
            return await outlet.finish()

    _, body = await read(handler)

    assert body.startswith(b": ping\n\n")
    between = body.split(b"data: 1\n\n")[1].split(b"data: 2\n\n")[0]
    assert between.startswith(b": ping\n\n")


async def test_a_dialect_without_pings_stays_silent() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        with Outlet(request, "application/x-ndjson", b"", 0.01) as outlet:
            await asyncio.sleep(0.04)
            assert not outlet.opened
            await outlet.write(b"{}\n")
            return await outlet.finish()

    _, body = await read(handler)

    assert body == b"{}\n"


async def test_steady_bytes_need_no_pings() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        with Outlet(request, "text/event-stream", b": ping\n\n", 0.2) as outlet:
            for _ in range(10):
                await outlet.write(b"data: 1\n\n")
                await asyncio.sleep(0.01)
            return await outlet.finish()

    _, body = await read(handler)

    assert body == b"data: 1\n\n" * 10
