"""A reply passed on as it came: the upstream speaks the client's dialect and nobody touches it.

An optimisation and nothing else: what a client sees is what translation would have given it.
"""

from __future__ import annotations

import aiohttp
from aiohttp import web

from gateway import translation
from gateway.codec import Tap
from gateway.embedding_tap import EmbeddingTap
from gateway.errors import UpstreamError
from gateway.outlet import Outlet
from gateway.trial import Trial
from gateway.upstream import allowed, body_of, decoded, open_reply, refuse_losses, release


async def stream(trial: Trial, outlet: Outlet) -> web.StreamResponse:
    """Pass whole events on as they come. Raises what fails before the first content."""
    reply = await _ask(trial)
    try:
        trial.reply_headers = allowed(reply.headers, trial.upstream.backend.reply_headers)
        if reply.content_type != trial.exchange.dialect.stream_type:
            return await translation.stream(trial, outlet, _batches(trial, reply))
        return await _relayed(trial, outlet, reply)
    finally:
        release(reply)


async def whole(trial: Trial) -> web.StreamResponse:
    """Pass on one JSON body. Raises what fails."""
    return await _one_body(trial, await _ask(trial), trial.tap())


async def vectors(trial: Trial) -> web.StreamResponse:
    """Pass on the vectors that the client's own request gets. Raises what fails."""
    usage = trial.exchange.dialect.embed_usage
    assert usage is not None
    return await _one_body(trial, await _ask_as_it_came(trial), EmbeddingTap(usage))


async def _one_body(trial: Trial, reply: aiohttp.ClientResponse, tap: Tap) -> web.StreamResponse:
    body = await body_of(trial.upstream, reply)
    _check_text(body)
    body = tap.feed(body)
    _keep(trial, tap)
    if tap.error is not None:
        raise tap.error
    if not tap.finished:
        raise UpstreamError.garbage("it is not a complete answer in the upstream's dialect")
    trial.exchange.answered()
    headers = allowed(reply.headers, trial.upstream.backend.reply_headers)
    headers.update(trial.loss_header())
    return web.Response(body=body, content_type="application/json", headers=headers)


async def _relayed(
    trial: Trial, outlet: Outlet, reply: aiohttp.ClientResponse
) -> web.StreamResponse:
    tap = trial.tap()
    try:
        await _pass_on(trial, outlet, reply, tap)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        if trial.exchange.request.transport is None:
            raise
        raise trial.upstream.unreachable(error) from None
    finally:
        _keep(trial, tap)
    if not tap.finished and tap.error is None:
        raise UpstreamError.truncated()
    return await outlet.finish()


async def _pass_on(trial: Trial, outlet: Outlet, reply: aiohttp.ClientResponse, tap: Tap) -> None:
    held, begun = b"", False
    async for data in reply.content.iter_any():
        passed = held + tap.feed(data) if held else tap.feed(data)
        if not begun:
            if tap.error is not None and not tap.content:
                raise tap.error
            if not tap.content and not tap.finished:
                held = passed
                continue
            begun = True
            outlet.headers = {**trial.reply_headers, **trial.loss_header()}
            trial.exchange.answered()
        held = b""
        if not tap.whole:
            passed, held = _whole_events(passed)
        if passed:
            _check_text(passed)
            await outlet.write(passed)
    if held and begun and tap.finished:
        await outlet.write(held)


async def _ask(trial: Trial) -> aiohttp.ClientResponse:
    """The upstream's reply to the client's own request, or to the one made of it.

    Whoever gets it must `release` it.
    """
    if trial.request_is_relayed:
        return await _ask_as_it_came(trial)
    call = trial.call()
    write = trial.upstream.backend.write_request
    assert write is not None
    wire = write(call.request, call.attempt)
    refuse_losses(call)
    return await open_reply(call, wire)


async def _ask_as_it_came(trial: Trial) -> aiohttp.ClientResponse:
    exchange = trial.exchange
    relayed = exchange.dialect.relay
    assert relayed is not None
    wire = relayed(exchange.wire, exchange.endpoint, trial.target)
    return await trial.upstream.send(wire, trial.credential.key, trial.hops())


def _batches(trial: Trial, reply: aiohttp.ClientResponse) -> translation.Batches:
    """A reply that is no stream although one was asked for: read it as what it is."""
    make = trial.upstream.backend.decoder
    assert make is not None

    async def opened() -> aiohttp.ClientResponse:
        return reply

    return decoded(trial.upstream, opened, make(trial.context.attempt, True))


def _whole_events(data: bytes) -> tuple[bytes, bytes]:
    """`data` up to the end of its last whole event, and the rest, which waits for its end."""
    cut = max(data.rfind(b"\n\n") + 2, data.rfind(b"\r\n\r\n") + 4, data.rfind(b"\r\r") + 2)
    cut = cut if cut > 3 else 0
    return data[:cut], data[cut:]


def _check_text(data: bytes) -> None:
    """Raise UpstreamError for bytes that no client could read. `data` is whole events."""
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            raise UpstreamError.garbage("it is not UTF-8") from None


def _keep(trial: Trial, tap: Tap) -> None:
    record = trial.exchange.record
    record.usage = tap.usage
    if tap.error is not None:
        trial.exchange.broke = tap.error
        record.error = tap.error.message
