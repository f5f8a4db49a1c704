"""The aiohttp application: every request comes in here, and every error leaves in a dialect."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway import admin
from gateway import exchange as exchanges
from gateway.answers import ACTIONS, response
from gateway.context import Record
from gateway.embedding_exchange import embed
from gateway.errors import BadRequest, GatewayError, Loop, NotFound, TooLarge
from gateway.hooks import Endpoint
from gateway.log import log, log_exchange
from gateway.page import health_body, index_page
from gateway.quotas import FREE
from gateway.routes import Route
from gateway.runtime import Current, Runtime
from gateway.settings import ProxyKey
from gateway.trial import Exchange
from gateway.upstream import HOP, HOP_HEADER
from gateway.wire import InboundWire

CURRENT = web.AppKey("current", Current)
EXCHANGE_IDS = f"req_{secrets.token_hex(6)}_"
NUMBERS = itertools.count(1)
"""Ids of exchanges: of this process, and counted. They are looked up, never guessed at."""
CLIENT_GONE = 499
ANSWERS: dict[str, Callable[[Exchange], Awaitable[web.StreamResponse]]] = {
    "chat": exchanges.chat,
    "embed": embed,
    **ACTIONS,
}


def make_app(runtime: Runtime) -> web.Application:
    """An application that serves `runtime`, and whatever `app[CURRENT]` is swapped to later."""
    app = web.Application(client_max_size=runtime.settings.server.max_body)
    app[CURRENT] = Current(runtime)
    runtime.plugins.routes(app)
    if len(app.router.resources()):
        app.middlewares.append(guarded)
    app.router.add_route("*", "/{path:.*}", handle)
    app.cleanup_ctx.append(_lifetime)
    return app


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Check host, origin and key before a plugin's own routes; ours check by themselves."""
    if handler is not handle:
        gate = request.app[CURRENT].runtime.gate
        headers = _headers(request)
        try:
            gate.check_origin(headers, request.remote, request.raw_path)
            gate.authenticate(headers, request.query, request.remote, keyless=False)
        except GatewayError as error:
            body = {"error": {"type": error.kind, "message": error.message}}
            return web.json_response(body, status=error.status, headers=error.headers)
    return await handler(request)


async def handle(request: web.Request) -> web.StreamResponse:
    """Answer any request. An error takes the shape of the dialect that the URL belongs to."""
    runtime = request.app[CURRENT].runtime
    headers = _headers(request)
    with runtime:
        try:
            runtime.gate.check_origin(headers, request.remote, request.raw_path)
            if request.path.startswith(admin.PREFIX):
                return await admin.answer(runtime, request, headers)
            own = OWN_PAGES.get((request.method, request.path))
            if own is not None:
                return own(runtime, request)
            return await _exchange(request, runtime, headers)
        except GatewayError as error:
            dialect = runtime.routes.dialect_of(request.raw_path, headers)
            return response(runtime.plugins.encode_error(dialect, error))


async def _exchange(
    request: web.Request, runtime: Runtime, headers: dict[str, str]
) -> web.StreamResponse:
    route = runtime.routes.resolve(request.method, request.raw_path, headers)
    endpoint = route.endpoint
    record = _record(route, headers)
    try:
        key = _authenticated(request, runtime, endpoint, headers)
        record.key_id = key.id if key else None
        wire = await _wire(request, route, headers)
        dialect = runtime.plugins.dialects[endpoint.dialect]
        exchange = Exchange(
            record.exchange_id, runtime, request, wire, endpoint, dialect, record, key, route.compat
        )
        reply = await _answer(exchange)
        record.status = reply.status
    except GatewayError as error:
        record.status, record.error = error.status, error.message
        reply = response(runtime.plugins.encode_error(endpoint.dialect, error))
        record.status = reply.status
    except (asyncio.CancelledError, ConnectionError):
        record.status = CLIENT_GONE
        raise
    finally:
        record.ended = time.time()
        log_exchange(record)
        if runtime.books is not None:
            runtime.books.add(record)
        runtime.plugins.finished(record)
    return reply


async def _answer(exchange: Exchange) -> web.StreamResponse:
    answer = ANSWERS.get(exchange.endpoint.action)
    if answer is None:
        raise NotFound(f"this gateway does not serve {exchange.endpoint.action} yet")
    by_key, key_id = exchange.runtime.quotas.by_key, exchange.record.key_id
    quota = by_key.get(key_id) if by_key and key_id is not None else None
    try:
        if quota is None or exchange.endpoint.action in FREE:
            return await answer(exchange)
        with quota.spent_by(exchange):
            return await answer(exchange)
    except (GatewayError, ConnectionError):
        raise
    except Exception as error:
        log().error("exchange_broke", exchange_id=exchange.id, exc_info=error)
        raise GatewayError(
            f"the gateway failed on this request; its log says why (look for {exchange.id})"
        ) from error


def _headers(request: web.Request) -> dict[str, str]:
    """The headers by their names in lower case, as text that can be said again.

    aiohttp gives bytes that are no UTF-8 as lone surrogates, which no log, store or upstream takes.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "".join(headers.values()).isascii():
        return headers
    return {
        name: value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for name, value in headers.items()
    }


def _record(route: Route, headers: dict[str, str]) -> Record:
    return Record(
        exchange_id=f"{EXCHANGE_IDS}{next(NUMBERS):x}",
        started=time.time(),
        endpoint=route.endpoint.path,
        dialect=route.endpoint.dialect,
        group=route.group,
        client=headers.get("user-agent", "").partition(" ")[0][:80],
    )


def _authenticated(
    request: web.Request, runtime: Runtime, endpoint: Endpoint, headers: dict[str, str]
) -> ProxyKey | None:
    if HOP in headers.get(HOP_HEADER, ""):
        raise Loop(
            "this request has been through this gateway before: an upstream's base_url points"
            " back at it (is a client's *_BASE_URL set in the gateway's own shell?)"
        )
    keyless = runtime.plugins.dialects[endpoint.dialect].keyless_local
    query = request.query if request.query_string else {}
    return runtime.gate.authenticate(headers, query, request.remote, keyless)


async def _wire(request: web.Request, route: Route, headers: dict[str, str]) -> InboundWire:
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        limit = request.app[CURRENT].runtime.settings.server.max_body
        raise TooLarge(
            f"the body is larger than {limit:,} bytes, which is server.max_body"
        ) from None
    except web.RequestPayloadError as error:
        raise BadRequest(f"the body can't be read: {error}") from None
    return InboundWire(
        method=request.method,
        path=request.path,
        args=route.args,
        query=dict(request.query) if request.query_string else {},
        headers=headers,
        body=body,
    )


def _index(runtime: Runtime, request: web.Request) -> web.Response:
    return web.Response(
        text=index_page(runtime, f"{request.scheme}://{request.host}"), content_type="text/html"
    )


def _health(_: Runtime, __: web.Request) -> web.Response:
    return web.Response(body=health_body(), content_type="application/json")


OWN_PAGES: dict[tuple[str, str], Callable[[Runtime, web.Request], web.Response]] = {
    ("GET", "/"): _index,
    ("GET", "/health"): _health,
}


async def _lifetime(app: web.Application) -> AsyncIterator[None]:
    async with app[CURRENT].runtime.plugins.lifespans(app):
        yield
    await app[CURRENT].close()
