"""An exchange that asks for vectors: passed on between alike, translated everywhere else."""

from __future__ import annotations

from functools import partial

from aiohttp import web
from attrs import define, field

from gateway import relay
from gateway.answers import response
from gateway.context import EmbedCall
from gateway.embedding import EmbedReply, EmbedRequest, counted
from gateway.errors import NotOffered
from gateway.exchange import first_that_answers, resolve
from gateway.losses import Losses
from gateway.trial import Exchange, Trial
from gateway.upstream import allowed, body_of, json_of, refuse_losses


@define(eq=False)
class Embedding:
    """The client's request, read once and only where somebody has to understand it."""

    exchange: Exchange
    losses: Losses = field(init=False)
    _request: EmbedRequest | None = None

    def request(self) -> EmbedRequest:
        """Raises BadRequest."""
        if self._request is None:
            exchange = self.exchange
            self.losses = Losses(exchange.dialect.hints)
            plugins = exchange.runtime.plugins
            self._request = plugins.parse_embed(exchange.endpoint, exchange.wire, self.losses)
        return self._request


async def embed(exchange: Exchange) -> web.StreamResponse:
    """Vectors from the first target and key that can. Raises GatewayError."""
    facts = exchange.dialect.facts(exchange.wire, exchange.endpoint)
    resolution = resolve(exchange, facts.model, facts.plain)
    if facts.ready is not None and resolution.targets[0].speaks != exchange.endpoint.dialect:
        return response(facts.ready)
    answer = partial(_answer, Embedding(exchange))
    return await first_that_answers(exchange, resolution, facts, answer)


async def _answer(embedding: Embedding, trial: Trial) -> web.StreamResponse:
    record = trial.exchange.record
    record.relayed = trial.vectors_are_relayed
    try:
        if record.relayed:
            return await relay.vectors(trial)
        return await _translated(embedding, trial)
    finally:
        record.losses = trial.context.losses.entries


async def _translated(embedding: Embedding, trial: Trial) -> web.StreamResponse:
    exchange, attempt = trial.exchange, trial.context.attempt
    request = embedding.request()
    hints = exchange.runtime.plugins.hints(exchange.dialect.name, trial.target.speaks)
    attempt.losses = Losses(hints, list(embedding.losses.entries))
    reply = counted(await _asked(trial, request), request)
    exchange.record.usage = reply.usage
    plugins = exchange.runtime.plugins
    written = plugins.encode_embeddings(exchange.endpoint, request, reply, attempt.losses)
    exchange.answered()
    out = response(written)
    out.headers.update({**trial.reply_headers, **trial.loss_header()})
    return out


async def _asked(trial: Trial, request: EmbedRequest) -> EmbedReply:
    """The vectors: from the plugin that owns the backend, else by the backend's arrows."""
    upstream, backend = trial.upstream, trial.upstream.backend
    call = EmbedCall(
        request, trial.context.attempt, backend, upstream, trial.credential.key, trial.hops()
    )
    waiting = trial.exchange.runtime.plugins.embed(call)
    if waiting is not None:
        return await waiting
    if backend.embeddings is None or backend.prepare is not None:
        why = "it offers no embeddings"
        raise NotOffered(f"'{trial.target}' can't embed: {why}; name a target that can")
    wires = backend.embeddings.write(request, call.attempt)
    refuse_losses(call)
    replies = []
    for wire in wires:
        reply = await upstream.send(wire, call.key, call.headers)
        trial.reply_headers = allowed(reply.headers, backend.reply_headers)
        replies.append(json_of(await body_of(upstream, reply)))
    return backend.embeddings.read(replies, call.attempt)
