"""A reply through events: decoded from the upstream's dialect, written in the client's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp import web

from gateway.codec import Encoder
from gateway.errors import GatewayError
from gateway.events import (
    Delta,
    Event,
    Failure,
    Finish,
    OpaqueEvent,
    PartStart,
    Start,
    UsageSeen,
)
from gateway.outlet import Outlet
from gateway.trial import Exchange, Trial
from gateway.upstream import call_whole, call_wire
from gateway.vault.keeping import Keeper

Batches = AsyncGenerator[list[Event], None]


async def stream(
    trial: Trial, outlet: Outlet, batches: Batches | None = None
) -> web.StreamResponse:
    """Write the reply as it comes. Raises what fails before the first content."""
    exchange = trial.exchange
    batches = batches or _called(trial)
    encoder, keeper = exchange.new_encoder(trial.context), trial.keeper()
    held = b""
    begun = False
    headers: dict[str, str] = {}
    async with aclosing(batches):
        async for batch in batches:
            headers = headers or _start_headers(batch)
            begun = begun or _begins(batch)
            note(exchange, batch)
            data = encoder.feed(batch)
            if keeper is not None and keeper.feed(batch):
                await keep(exchange, keeper)
            if not begun:
                held += data
            elif held or exchange.encoder is None:
                _open(trial, outlet, encoder, headers)
                await outlet.write(held + data)
                held = b""
            elif data:
                await outlet.write(data)
    _open(trial, outlet, encoder, headers)
    await outlet.write(held + encoder.close())
    return await outlet.finish()


async def whole(trial: Trial) -> web.StreamResponse:
    """The reply as one JSON body. Raises what fails."""
    exchange = trial.exchange
    events = await _all_events(trial)
    encoder = exchange.new_encoder(trial.context)
    note(exchange, events)
    _raise_failure(events)
    keeper = trial.keeper()
    if keeper is not None and keeper.feed(events):
        await keep(exchange, keeper)
    encoder.feed(events)
    body = encoder.close()
    exchange.answered()
    kind = {"Content-Type": encoder.content_type}
    return web.Response(
        body=body, headers={**_start_headers(events), **trial.loss_header(), **kind}
    )


async def fail(exchange: Exchange, outlet: Outlet, error: GatewayError) -> web.StreamResponse:
    """End a stream whose head is out with the dialect's own error."""
    exchange.record.error = error.message
    encoder = exchange.encoder or exchange.new_encoder()
    await outlet.write(encoder.feed([Failure(error)]) + encoder.close())
    return await outlet.finish()


async def keep(exchange: Exchange, keeper: Keeper) -> None:
    """Keep the seals of a whole reply, before the client gets the end of it."""
    vault = exchange.runtime.vault
    assert vault is not None
    await vault.keep(keeper)


def note(exchange: Exchange, batch: list[Event]) -> None:
    """Keep what the record needs of some events."""
    record = exchange.record
    for event in batch:
        kind = type(event)
        if kind is Delta:
            continue
        if isinstance(event, UsageSeen):
            usage = event.usage
            record.usage = record.usage.merged(usage) if record.usage else usage
        elif isinstance(event, Finish):
            record.finish = event.reason
        elif isinstance(event, Failure):
            exchange.broke = event.error
            record.error = event.error.message


def _called(trial: Trial) -> Batches:
    """The upstream's reply; straight from its arrows where no plugin stands between."""
    call, plugins = trial.call(), trial.exchange.runtime.plugins
    if plugins.leaves_to_core(call.backend.name, trial.touched):
        return call_wire(call)
    return plugins.call_backend(call)


async def _all_events(trial: Trial) -> list[Event]:
    call, plugins = trial.call(), trial.exchange.runtime.plugins
    if plugins.leaves_to_core(call.backend.name, trial.touched):
        return await call_whole(call)
    events: list[Event] = []
    async with aclosing(plugins.call_backend(call)) as batches:
        async for batch in batches:
            events += batch
    return events


def _open(trial: Trial, outlet: Outlet, encoder: Encoder, headers: dict[str, str]) -> None:
    """From here on the answer is the client's: no other target is tried."""
    exchange = trial.exchange
    if exchange.encoder is None:
        exchange.encoder = encoder
        outlet.content_type = encoder.content_type
        outlet.headers = {**trial.reply_headers, **headers, **trial.loss_header()}
        exchange.answered()


def _begins(batch: list[Event]) -> bool:
    """Whether the answer itself begins in `batch`. Raises an error that comes before it."""
    for event in batch:
        match event:
            case Delta() | Finish() | PartStart(kind="tool_call") | OpaqueEvent(index=int()):
                return True
            case Failure():
                raise event.error
    return False


def _raise_failure(events: list[Event]) -> None:
    for event in events:
        if isinstance(event, Failure):
            raise event.error


def _start_headers(batch: list[Event]) -> dict[str, str]:
    return next((dict(event.headers) for event in batch if isinstance(event, Start)), {})
