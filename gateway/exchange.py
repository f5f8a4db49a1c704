"""One exchange, read top to bottom: who asks, what answers, and how the answer gets back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TypeAlias

from aiohttp import web
from attrs import evolve

from gateway import relay, translation
from gateway.abilities import with_abilities
from gateway.attempt import Attempt
from gateway.context import Context
from gateway.errors import GatewayError, Unavailable, UpstreamError
from gateway.faces import is_missing
from gateway.groups import Resolution
from gateway.hooks import RouteFacts
from gateway.log import log
from gateway.outlet import Outlet
from gateway.plan import choices
from gateway.retry import Failures, may_cure
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
    """What to try, target by target and key by key, in the order of the alias's strategy."""
    for target, upstream, credential in choices(exchange, resolution):
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
        touched = exchange.runtime.plugins.touches(context)
        refused = credential.refused
        yield Trial(exchange, context, upstream, credential, touched, refused=refused)


async def first_that_answers(
    exchange: Exchange,
    resolution: Resolution,
    facts: RouteFacts,
    answer: Answer,
) -> web.StreamResponse:
    """What `answer` gives for the first target and key that can. Raises GatewayError."""
    record, failures = exchange.record, None
    for trial in trials(exchange, resolution, facts):
        budget = trial.upstream.budget
        if failures is None:
            budget.earn()
        elif not failures.leave(trial.target, budget):
            continue
        else:
            record.retries, record.error, exchange.broke = failures.count, None, None
        record.target = str(trial.target)
        ask = _in_bounds if trial.upstream.bounded else _at_a_face
        try:
            reply = await ask(trial, answer)
        except GatewayError as error:
            trial.failed(error)
            if record.first_byte is not None or not may_cure(error):
                raise
            failures = failures or Failures(error)
            failures.add(error, trial.target)
        else:
            trial.ended()
            return reply
    raise failures.told if failures else Unavailable(f"nothing answers '{resolution.alias}'")


async def _in_bounds(trial: Trial, answer: Answer) -> web.StreamResponse:
    """The answer, once there is room for the question. Raises Busy, UpstreamError."""
    places = trial.upstream.places
    async with places.one() if places else nullcontext():
        return await _in_time(trial, answer)


async def _in_time(trial: Trial, answer: Answer) -> web.StreamResponse:
    """The answer, if it begins in time; of one that is no stream nobody sees the beginning."""
    wait = trial.upstream.settings.first_token_timeout
    if wait is None or not trial.context.attempt.stream:
        return await _at_a_face(trial, answer)
    try:
        async with asyncio.timeout(wait) as trial.exchange.deadline:
            return await _at_a_face(trial, answer)
    except TimeoutError:
        raise UpstreamError(
            f"upstream '{trial.target.upstream}' began no answer within {wait:g} s"
            " (its first_token_timeout)",
            status=504,
            kind="timeout",
        ) from None
    finally:
        trial.exchange.deadline = None


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
