"""One exchange, read top to bottom: who asks, what answers, and how the answer gets back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TypeAlias

from aiohttp import web
from attrs import evolve

from gateway import relay, translation
from gateway.abilities import with_abilities
from gateway.attempt import Attempt
from gateway.context import Context
from gateway.errors import GatewayError, Unavailable
from gateway.faces import is_missing
from gateway.groups import Resolution
from gateway.hooks import RouteFacts
from gateway.log import log
from gateway.outlet import Outlet
from gateway.retry import may_cure, may_cure_key
from gateway.trial import Exchange, Trial
from gateway.wire import WireReply

Answer: TypeAlias = Callable[[Trial], Awaitable[web.StreamResponse]]


async def chat(exchange: Exchange) -> web.StreamResponse:
    """Answer a chat request from the first target and key that can. Raises GatewayError."""
    facts = exchange.dialect.facts(exchange.wire, exchange.endpoint)
    if exchange.endpoint.stream is not None:
        facts = evolve(facts, stream=exchange.endpoint.stream)
    resolution = resolve(exchange, facts.model, facts.plain)
    if resolution.asks:
        resolution = await with_abilities(resolution, exchange.runtime.upstreams)
    exchange.record.stream = facts.stream
    if facts.ready is not None and resolution.targets[0].speaks != exchange.endpoint.dialect:
        return _ready(facts.ready)
    if not facts.stream:
        return await first_that_answers(exchange, resolution, facts, _answer)
    dialect, ping_after = exchange.dialect, exchange.runtime.settings.server.ping_after
    with Outlet(exchange.request, dialect.stream_type, dialect.ping, ping_after) as outlet:
        try:
            answer = partial(_answer, outlet=outlet)
            return await first_that_answers(exchange, resolution, facts, answer)
        except Exception as error:
            if not outlet.opened:
                raise
            return await translation.fail(exchange, outlet, _for_client(error))


def resolve(exchange: Exchange, model: str, plain: str | None = None) -> Resolution:
    """Where `model` leads, if the key may go there. Raises NotFound, NotAllowed.

    plain: the name to go by where `model` is no configured name.
    """
    runtime, record = exchange.runtime, exchange.record
    if plain is not None and not runtime.catalog.knows(record.group, model):
        model = plain
    record.model = model
    resolution = runtime.catalog.resolve(record.group, model, exchange.endpoint.dialect)
    record.group, record.alias = resolution.group.name, resolution.alias
    runtime.gate.check_scope(exchange.key, record.group, resolution.alias, model)
    return resolution


def trials(exchange: Exchange, resolution: Resolution, facts: RouteFacts) -> Iterator[Trial]:
    """Every target in order, with every key of its upstream in turn."""
    runtime = exchange.runtime
    for target in resolution.targets:
        upstream = runtime.upstreams[target.upstream].facing(target)
        for credential in upstream.pool.order():
            attempt = Attempt(
                target,
                stream=facts.stream,
                client=exchange.endpoint.dialect,
                refuse_losses=resolution.group.on_loss == "refuse",
            )
            context = Context(
                exchange_id=exchange.id,
                endpoint=exchange.endpoint,
                group=resolution.group,
                alias=resolution.alias,
                model=facts.model,
                client=exchange.record.client,
                compat=exchange.compat,
                key_id=exchange.record.key_id,
                target=target,
                attempt=attempt,
            )
            touched = runtime.plugins.touches(context)
            yield Trial(exchange, context, upstream, credential, touched)


async def first_that_answers(
    exchange: Exchange,
    resolution: Resolution,
    facts: RouteFacts,
    answer: Answer,
) -> web.StreamResponse:
    """What `answer` gives for the first target and key that can. Raises GatewayError."""
    failed: GatewayError | None = None
    given_up: str | None = None
    for number, trial in enumerate(trials(exchange, resolution, facts)):
        if str(trial.target) == given_up:
            continue
        exchange.record.target, exchange.record.retries = str(trial.target), number
        try:
            return await _at_a_face(trial, answer)
        except GatewayError as error:
            trial.upstream.pool.report(trial.credential, error)
            if exchange.record.first_byte is not None or not may_cure(error):
                raise
            given_up = None if may_cure_key(error) else str(trial.target)
            failed = error
    raise failed or Unavailable(f"no upstream of '{resolution.alias}' is in use")


async def _at_a_face(trial: Trial, answer: Answer) -> web.StreamResponse:
    """Answer from the target's face; where the server has no such face, from the main one."""
    try:
        return await answer(trial)
    except GatewayError as error:
        if trial.exchange.record.first_byte is not None or not is_missing(trial.target, error):
            raise
    return await answer(trial.at_main_face())


async def _answer(trial: Trial, outlet: Outlet | None = None) -> web.StreamResponse:
    """Relay where nothing needs to be understood, translate everywhere else."""
    record = trial.exchange.record
    trial.exchange.tried(trial.context)
    record.relayed = trial.reply_is_relayed
    try:
        if outlet is None:
            whole = relay.whole if record.relayed else translation.whole
            return await whole(trial)
        if record.relayed:
            return await relay.stream(trial, outlet)
        return await translation.stream(trial, outlet)
    finally:
        record.losses = trial.context.losses.entries
        record.counts = trial.context.attempt.counts


def _ready(reply: WireReply) -> web.Response:
    headers = {"Content-Type": reply.content_type}
    return web.Response(body=reply.body, status=reply.status, headers=headers)


def _for_client(error: Exception) -> GatewayError:
    if isinstance(error, GatewayError):
        return error
    log().error("exchange_broke", exc_info=error)
    return GatewayError("the gateway failed while it streamed this reply; its log says why")
