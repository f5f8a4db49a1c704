"""An exchange under way, and one trial of it: a target, a key, and the request made for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiohttp import web
from attrs import define, evolve, field

from gateway.attempt import Target
from gateway.codec import Encoder, Tap
from gateway.context import Call, Context, Record
from gateway.errors import GatewayError
from gateway.hooks import Dialect, Endpoint, Touch
from gateway.log import log
from gateway.losses import Losses
from gateway.model import ChatRequest
from gateway.pool import Credential
from gateway.registry import ToolRegistry
from gateway.runtime import Runtime
from gateway.settings import ProxyKey
from gateway.upstream import HOP, HOP_HEADER, Upstream
from gateway.vault.keeping import Keeper
from gateway.wire import EMPTY, InboundWire


@define(eq=False)
class Exchange:
    """One client request and what is known of it so far.

    encoder: the writer whose bytes the client has begun to receive; None before that, and on
    relay. broke: the failure that a stream has ended in. deadline: for the first content.
    """

    id: str
    runtime: Runtime
    request: web.Request
    wire: InboundWire
    endpoint: Endpoint
    dialect: Dialect
    record: Record
    key: ProxyKey | None = None
    compat: bool = False
    encoder: Encoder | None = None
    broke: GatewayError | None = None
    deadline: asyncio.Timeout | None = None
    _parsed: ChatRequest | None = None
    _read_losses: Losses = field(factory=Losses)
    _last: Context | None = None

    def parsed(self) -> ChatRequest:
        """The neutral request, read once. Raises BadRequest."""
        if self._parsed is None:
            self._read_losses = Losses(self.dialect.hints)
            plugins = self.runtime.plugins
            self._parsed = plugins.parse_inbound(self.endpoint, self.wire, self._read_losses)
        return self._parsed

    def losses(self, upstream: str | None) -> Losses:
        """A new ledger for a target that speaks `upstream`; it starts with what reading lost."""
        hints = self.runtime.plugins.hints(self.dialect.name, upstream)
        kept = self.runtime.vault is not None
        return Losses(hints, list(self._read_losses.entries), keeps_seals=kept)

    def new_encoder(self, context: Context | None = None) -> Encoder:
        """A writer for the client's dialect; without a context, that of the last trial."""
        self._last = context or self._last
        assert self._last is not None
        return self.runtime.plugins.encode_stream(self.endpoint, self.parsed(), self._last)

    def tried(self, context: Context) -> None:
        self._last = context

    def answered(self) -> None:
        """Remember when the answer itself began to reach the client."""
        if self.record.first_byte is None:
            self.record.first_byte = time.time()
            if self.deadline is not None and not self.deadline.expired():
                self.deadline.reschedule(None)


@define(eq=False)
class Trial:
    """One attempt of an exchange at one target with one key.

    touched: what plugins want of it. reply_headers: the upstream's, as far as clients may see.
    refused: how often its key had been refused when it began.
    """

    exchange: Exchange
    context: Context
    upstream: Upstream
    credential: Credential
    touched: frozenset[Touch]
    reply_headers: Mapping[str, str] = EMPTY
    refused: int = 0

    @property
    def target(self) -> Target:
        return self.context.target

    @property
    def reply_is_relayed(self) -> bool:
        """Whether the upstream speaks the client's dialect and nobody wants to see the reply."""
        exchange = self.exchange
        return (
            self.target.speaks == exchange.endpoint.dialect
            and "reply" not in self.touched
            and exchange.dialect.tap is not None
            and self.upstream.backend.write_request is not None
        )

    @property
    def request_is_relayed(self) -> bool:
        """Whether the client's own bytes can go to the upstream."""
        return (
            not self.touched
            and self.exchange.dialect.relay is not None
            and self.upstream.backend.prepare is None
        )

    @property
    def vectors_are_relayed(self) -> bool:
        """Whether a request for vectors can go on as it came, and its reply come back so."""
        dialect, backend = self.exchange.dialect, self.upstream.backend
        return (
            self.target.speaks == dialect.name
            and dialect.relay is not None
            and dialect.embed_usage is not None
            and backend.embeddings is not None
            and backend.prepare is None
        )

    def at_main_face(self) -> Trial:
        """The same try, with the same key, at the main face of the provider."""
        main = self.target.main
        assert main is not None
        runtime = self.exchange.runtime
        attempt = evolve(
            self.context.attempt, target=main, losses=Losses(), registry=ToolRegistry()
        )
        context = evolve(self.context, target=main, attempt=attempt, state={})
        upstream = runtime.upstreams[main.upstream]
        touched = runtime.plugins.touches(context)
        return Trial(
            self.exchange, context, upstream, self.credential, touched, refused=self.refused
        )

    def ended(self) -> None:
        """Tell the pool how a reply that began has ended."""
        if self.exchange.broke is not None:
            self.failed(self.exchange.broke)
        elif self.credential.refused or self.credential.breakers:
            action, model = self.exchange.endpoint.action, self.target.model
            self.upstream.pool.answered(self.credential, action, model, self.refused)

    def failed(self, error: GatewayError) -> None:
        """Tell the pool of a failure, and people if it sets a key aside."""
        pool, action, model = self.upstream.pool, self.exchange.endpoint.action, self.target.model
        if pool.report(self.credential, action, model, error):
            name, key = self.target.upstream, self.credential.label
            log().warning("key_rests", upstream=name, key=key, model=model, why=error.message)

    def call(self) -> Call:
        """The call to make, its request rewritten for this target, with losses of its own."""
        exchange = self.exchange
        request = self._restored(exchange.parsed())
        self.context.attempt.losses = exchange.losses(self.target.speaks)
        if "request" in self.touched:
            request = exchange.runtime.plugins.rewrite(request, self.context)
        return self._call(request)

    def counting_call(self) -> Call:
        """The call that asks how long the client's own request is, whatever rules would add."""
        return self._call(self._restored(self.exchange.parsed()))

    def keeper(self) -> Keeper | None:
        """What remembers the reply's seals; None where the client can carry them itself."""
        exchange, vault = self.exchange, self.exchange.runtime.vault
        if vault is None or self.target.speaks in (None, exchange.endpoint.dialect):
            return None
        return vault.keeper(exchange.parsed(), self.target, exchange.record.key_id)

    def _restored(self, request: ChatRequest) -> ChatRequest:
        """`request` with the seals of this target that its client could not carry."""
        exchange, vault = self.exchange, self.exchange.runtime.vault
        if vault is None or self.target.speaks in (None, exchange.endpoint.dialect):
            return request
        return vault.restored(request, self.target, exchange.record.key_id)

    def _call(self, request: ChatRequest) -> Call:
        upstream = self.upstream
        return Call(
            request,
            self.context.attempt,
            upstream.backend,
            upstream,
            self.credential.key,
            self.hops(),
            self.context.state,
            self.exchange.runtime.plugins.call_backend,
        )

    def hops(self) -> Mapping[str, str]:
        """The marks of the gateways before us, with ours; empty when there were none."""
        before = self.exchange.wire.headers.get(HOP_HEADER)
        return {HOP_HEADER: f"{before}, {HOP}"} if before else EMPTY

    def tap(self) -> Tap:
        make = self.exchange.dialect.tap
        assert make is not None
        return make(self.exchange.wire, self.context.attempt.stream)

    def loss_header(self) -> dict[str, str]:
        """Names lost meaning where the group wants to be warned; at most 1 KB."""
        lost = self.context.losses.of_meaning
        if not lost or self.context.group.on_loss != "warn":
            return {}
        named = "; ".join(loss.path for loss in lost).encode("ascii", "replace").decode()
        return {"x-babelgate-losses": named[:1024]}
