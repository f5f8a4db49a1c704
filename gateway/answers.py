"""What clients ask for beside chats: the models there are, and how long a request is."""

from __future__ import annotations

from aiohttp import web

from gateway.abilities import with_abilities
from gateway.errors import GatewayError, NotFound
from gateway.estimate import estimate_tokens
from gateway.exchange import resolve, trials
from gateway.groups import Resolution, is_pattern
from gateway.hooks import RouteFacts
from gateway.trial import Exchange
from gateway.wire import WireReply

ESTIMATED = {"x-babelgate-estimated": "tokens"}


async def models(exchange: Exchange) -> web.StreamResponse:
    """The names that this key may ask for in this group."""
    group = exchange.runtime.catalog.group(exchange.record.group)
    exchange.record.group = group.name
    may = exchange.runtime.gate.may_use
    names = [
        name
        for name in exchange.runtime.catalog.names(group.name)
        if may(exchange.key, group.name, name, name)
    ]
    plugins = exchange.runtime.plugins
    return response(plugins.encode_models(exchange.endpoint, exchange.wire, names))


async def model(exchange: Exchange) -> web.StreamResponse:
    """One model by name, if the name leads anywhere. Raises NotFound."""
    asked = exchange.dialect.facts(exchange.wire, exchange.endpoint)
    if is_pattern(asked.model):
        raise NotFound(f"there is no model {asked.model!r}: ask for a name, not for a pattern")
    resolution = resolve(exchange, asked.model, asked.plain)
    if resolution.asks:
        resolution = await with_abilities(resolution, exchange.runtime.upstreams)
    plugins, known = exchange.runtime.plugins, resolution.targets[0].facts
    return response(plugins.encode_models(exchange.endpoint, exchange.wire, [asked.model], known))


async def about(exchange: Exchange) -> web.StreamResponse:
    """What a dialect says of itself: a version, or why it does not do what a URL is for."""
    return response(exchange.runtime.plugins.encode_models(exchange.endpoint, exchange.wire, []))


async def count_tokens(exchange: Exchange) -> web.StreamResponse:
    """The length of a request: asked of the upstream where it can tell, else estimated."""
    facts = exchange.dialect.facts(exchange.wire, exchange.endpoint)
    resolution = resolve(exchange, facts.model, facts.plain)
    request = exchange.parsed()
    counted = await _counted(exchange, resolution, facts)
    tokens = estimate_tokens(request) if counted is None else counted
    plugins = exchange.runtime.plugins
    reply = response(plugins.encode_count(exchange.endpoint, tokens, counted is None))
    if counted is None:
        reply.headers.update(ESTIMATED)
    return reply


ACTIONS = {"models": models, "model": model, "about": about, "count_tokens": count_tokens}


def response(reply: WireReply) -> web.Response:
    """A dialect's whole reply as aiohttp sends it. Its content type may name a charset."""
    headers = {**reply.headers, "Content-Type": reply.content_type}
    return web.Response(body=reply.body, status=reply.status, headers=headers)


async def _counted(exchange: Exchange, resolution: Resolution, facts: RouteFacts) -> int | None:
    """What the first target that counts says; None when it can't, or fails."""
    plugins = exchange.runtime.plugins
    for trial in trials(exchange, resolution, facts):
        waiting = plugins.count_tokens(trial.counting_call())
        if waiting is None:
            return None
        try:
            counted = await waiting
        except GatewayError as error:
            trial.failed(error)
        else:
            trial.ended()
            return counted
    return None
