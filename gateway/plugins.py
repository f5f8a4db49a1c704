"""The plugins in use: what they bring, and typed calls of their hooks."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, TypeVar

import orjson
import pluggy
from attrs import define, evolve

from gateway.acceptance import accept
from gateway.attempt import NO_FACTS
from gateway.codec import Encoder
from gateway.context import Call, Context, EmbedCall, Record
from gateway.dispatch import (
    Function,
    Stream,
    direct,
    failure,
    guard_within,
    guarded_stream,
    provide,
)
from gateway.embedding import EmbedReply, EmbedRequest
from gateway.errors import ConfigError, GatewayError, PluginError
from gateway.hooks import Backend, Dialect, Endpoint, Fallback, Hooks, Preset, Touch, hookimpl
from gateway.loading import (
    Candidate,
    PluginReport,
    given,
    in_a_line,
    in_order,
    installed,
    strangers,
)
from gateway.losses import Losses
from gateway.model import ChatRequest, Json
from gateway.settings import Plugins as Choice
from gateway.touching import NOTHING, touchers
from gateway.wire import InboundWire, WireReply

if TYPE_CHECKING:
    from aiohttp import web
    from click import Command

TRACE_VARIABLE = "BABELGATE_TRACE_HOOKS"
"""Any value logs every call of a hook: plugin, hook, time, kind of answer."""
INSTALL = 'pip install "babelgate[standard]"'
T = TypeVar("T")


def load(
    choice: Choice, extra: Iterable[object] = (), environ: Mapping[str, str] = os.environ
) -> Plugins:
    """The installed plugins that `choice` and the environment let in, and `extra` objects.

    A broken installed plugin is a line in `report`, and the others go on. Raises PluginError for
    an `extra` object that is wrong.
    """
    objects = [given(number, plugin) for number, plugin in enumerate(extra, 1)]
    found = in_order([*installed(choice, environ), *objects], choice)
    for candidate in found:
        candidate.traced = bool(environ.get(TRACE_VARIABLE))
    accepted = accept(found)
    for candidate in objects:
        if candidate.error:
            raise PluginError(candidate.error)
    return Plugins(accepted, [candidate.report() for candidate in found], strangers(choice, found))


class Plugins:
    """What the plugins in use bring, and typed calls of their hooks.

    A failure inside a hook is a PluginError that names plugin and hook; GatewayErrors pass.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        report: Sequence[PluginReport],
        warnings: Sequence[str] = (),
    ) -> None:
        self.report = report
        self.warnings: Sequence[str] = [*(one.error for one in report if one.error), *warnings]
        self.dialects: Mapping[str, Dialect] = {
            dialect.name: dialect for each in candidates for dialect in each.dialects
        }
        self.backends: Mapping[str, Backend] = {
            backend.name: backend for each in candidates for backend in each.backends
        }
        self.presets: Mapping[str, Preset] = {
            preset.name: preset for backend in self.backends.values() for preset in backend.presets
        }
        self.endpoints: Sequence[Endpoint] = [
            endpoint for dialect in self.dialects.values() for endpoint in dialect.endpoints
        ]
        self.setting_classes: Mapping[str, type] = {
            place: kind for each in candidates for place, kind in each.settings.items()
        }
        self._candidates = candidates
        self._hints: dict[tuple[str, str | None], frozenset[str]] = {}
        self._touchers = touchers(candidates)
        self._rewriters = self._functions("rewrite_prompt")
        self._temperatures = self._functions("adjust_temperature")
        self._watchers = self._functions("exchange_finished")
        self._prepare_provides()

    def _prepare_provides(self) -> None:
        speaking = {name.name: each for each in self._candidates for name in each.dialects}
        carrying = {name.name: each for each in self._candidates for name in each.backends}
        self._carrier = Carrier(carrying)
        self._carried = _carried(self._candidates, self.backends, carrying)
        manager = _manager(self._candidates, self._carrier)
        self._parse = provide("parse_inbound", manager, self._candidates, speaking)
        self._encode = provide("encode_stream", manager, self._candidates, speaking)
        self._error = provide("encode_error", manager, self._candidates, speaking)
        self._models = provide("encode_models", manager, self._candidates, speaking)
        self._count = provide("encode_count", manager, self._candidates, speaking)
        self._counter = provide("count_tokens", manager, self._candidates, carrying)
        self._parse_embed = provide("parse_embed", manager, self._candidates, speaking)
        self._embed = provide("embed", manager, self._candidates, carrying)
        self._embeddings = provide("encode_embeddings", manager, self._candidates, speaking)
        carry = self._carrier.carry
        self._call = provide("call_backend", manager, self._candidates, carrying, carry)

    # --- per exchange ---

    def hints(self, client: str, upstream: str | None) -> frozenset[str]:
        """Names of fields of these two dialects whose loss leaves the meaning as it was."""
        found = self._hints.get((client, upstream))
        if found is None:
            both = (self.dialects.get(name) for name in (client, upstream) if name)
            found = frozenset().union(*(dialect.hints for dialect in both if dialect))
            self._hints[client, upstream] = found
        return found

    def parse_inbound(self, endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest:
        """The neutral form of a chat request. Raises BadRequest."""
        request = self._parse(endpoint.dialect, endpoint, wire, losses)
        return _answered(request, ChatRequest, "parse_inbound", endpoint.dialect)

    def touches(self, context: Context) -> frozenset[Touch]:
        """What plugins want of this exchange with this target."""
        wanted = NOTHING
        for toucher in self._touchers:
            wants = toucher.touches(context)
            if wants:
                wanted |= wants
        return wanted

    def touching(self, context: Context) -> dict[str, frozenset[Touch]]:
        """Which plugins want what of this exchange with this target, by their names."""
        asked = {each.name: touchers([each]) for each in self._candidates}
        wants = {
            name: NOTHING.union(*(t.touches(context) for t in own)) for name, own in asked.items()
        }
        return {name: wanted for name, wanted in wants.items() if wanted}

    def rewrite(self, request: ChatRequest, context: Context) -> ChatRequest:
        """The request that this target gets: every change of the plugins, in order."""
        for _, _, changed in self.changes(request, context):
            request = changed
        return request

    def changes(
        self, request: ChatRequest, context: Context
    ) -> Iterator[tuple[str, str, ChatRequest]]:
        """Every change in turn: the plugin, the hook, and the request after it."""
        for candidate, function in self._rewriters:
            changed = function(request, context)
            if changed is None:
                continue
            if not isinstance(changed, ChatRequest):
                raise _wrong_kind(candidate, "rewrite_prompt", "a ChatRequest", changed)
            request = changed
            yield candidate.name, "rewrite_prompt", request
        if self._temperatures and request.sampling.temperature is not None:
            yield from self._adjusted(request, request.sampling.temperature, context)

    def _adjusted(
        self, request: ChatRequest, temperature: float, context: Context
    ) -> Iterator[tuple[str, str, ChatRequest]]:
        wanted = temperature
        for candidate, function in self._temperatures:
            changed = function(wanted, request, context)
            if changed is None:
                continue
            if not isinstance(changed, int | float) or isinstance(changed, bool):
                raise _wrong_kind(candidate, "adjust_temperature", "a number", changed)
            if changed != wanted:
                wanted = changed
                sampling = evolve(request.sampling, temperature=wanted)
                yield candidate.name, "adjust_temperature", evolve(request, sampling=sampling)

    def leaves_to_core(self, backend: str, touched: frozenset[Touch]) -> bool:
        """Whether the core itself carries calls of `backend`, and nobody wants to see the reply."""
        return backend in self._carried and "reply" not in touched

    def call_backend(self, call: Call) -> Stream:
        """The reply as batches of events; the request is sent by the generator's first step."""
        name = call.backend.name
        stream = self._call(name, call) or self._carrier.carry(call)
        if stream is None:
            raise PluginError(f"no plugin carries calls of backend '{name}' (hook call_backend)")
        return stream

    def encode_stream(self, endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder:
        """A writer for the client's dialect, streaming when `request.stream` is true."""
        encoder = self._encode(endpoint.dialect, endpoint, request, context)
        return _answered(encoder, object, "encode_stream", endpoint.dialect)  # type: ignore[return-value]  # a Protocol

    def finished(self, record: Record) -> None:
        """Tell everyone who watches; what one of them raises is logged."""
        for _, function in self._watchers:
            try:
                function(record)
            except Exception as error:  # noqa: BLE001 - the border: nobody may stop the others
                _log_failure(error)

    # --- other answers of a dialect ---

    def encode_error(self, dialect: str, error: GatewayError) -> WireReply:
        """An error in the dialect's own shape; in a plain one where no plugin gives it."""
        try:
            reply = self._error(dialect, dialect, error)
        except Exception as broken:  # noqa: BLE001 - the border: an error must reach the client
            _log_failure(broken)
            reply = None
        return reply if isinstance(reply, WireReply) else _plain_error(error)

    def encode_models(
        self,
        endpoint: Endpoint,
        wire: InboundWire,
        models: Sequence[str],
        facts: Mapping[str, Json] = NO_FACTS,
    ) -> WireReply:
        """The list of `models`, or one model of it, of which `facts` are known."""
        reply = self._models(endpoint.dialect, endpoint, wire, models, facts)
        return _answered(reply, WireReply, "encode_models", endpoint.dialect)

    def encode_count(self, endpoint: Endpoint, tokens: int, estimated: bool) -> WireReply:
        """The reply to a count_tokens request."""
        reply = self._count(endpoint.dialect, endpoint, tokens, estimated)
        return _answered(reply, WireReply, "encode_count", endpoint.dialect)

    def count_tokens(self, call: Call) -> Awaitable[int] | None:
        """Ask the upstream how long the request is; None when its plugin can't tell."""
        return self._counter(call.backend.name, call)  # type: ignore[no-any-return]  # checked by the guard

    # --- vectors ---

    def parse_embed(self, endpoint: Endpoint, wire: InboundWire, losses: Losses) -> EmbedRequest:
        """The neutral form of a request for vectors. Raises BadRequest."""
        request = self._parse_embed(endpoint.dialect, endpoint, wire, losses)
        return _answered(request, EmbedRequest, "parse_embed", endpoint.dialect)

    def embed(self, call: EmbedCall) -> Awaitable[EmbedReply] | None:
        """The vectors, from the plugin that carries them itself; None: the core does."""
        return self._embed(call.backend.name, call)  # type: ignore[no-any-return]  # checked by the guard

    def encode_embeddings(
        self, endpoint: Endpoint, request: EmbedRequest, reply: EmbedReply, losses: Losses
    ) -> WireReply:
        """The reply to a request for vectors."""
        written = self._embeddings(endpoint.dialect, endpoint, request, reply, losses)
        return _answered(written, WireReply, "encode_embeddings", endpoint.dialect)

    # --- at start and stop ---

    def need_dialect(self) -> None:
        """Raises ConfigError, with the line to type, when no dialect is in use."""
        if self.dialects:
            return
        broken = "".join(f"; {report.error}" for report in self.report if report.error)
        raise ConfigError(
            f"no client can be served, for no dialect is in use; type: {INSTALL}{broken}"
        )

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Add the broken plugins to a ConfigError of the block: they may be what is missing."""
        try:
            yield
        except ConfigError as error:
            broken = "; ".join(report.error for report in self.report if report.error)
            if not broken:
                raise
            raise ConfigError(f"{error} (broken: {broken})") from error

    def fallbacks(self, environ: Mapping[str, str]) -> list[Fallback]:
        """What is found on this machine to answer with when nothing is configured."""
        offers: list[Fallback] = []
        for _, function in self._functions("offer_fallback"):
            try:
                offer = function(environ)
            except Exception as error:  # noqa: BLE001 - the border: another may have one
                _log_failure(error)
                continue
            if offer is not None:
                offers.append(offer)
        return offers

    def routes(self, app: web.Application) -> None:
        """Let plugins add routes of their own. Raises PluginError."""
        for _, function in self._functions("register_routes"):
            function(app)

    def commands(self) -> list[Command]:
        """The commands that plugins bring; a plugin that fails to is logged and left out."""
        found: list[Command] = []
        for _, function in self._functions("register_commands"):
            try:
                found.extend(function() or ())
            except Exception as error:  # noqa: BLE001 - the border: own commands must work
                _log_failure(error)
        return found

    @asynccontextmanager
    async def lifespans(self, app: web.Application) -> AsyncIterator[None]:
        """Enter what plugins need around all exchanges; leave it in reverse order."""
        async with AsyncExitStack() as stack:
            for candidate, function in self._functions("lifespan"):
                manager = function(app)
                if manager is None:
                    continue
                try:
                    await stack.enter_async_context(manager)
                except Exception as error:  # the border: a plugin's code
                    raise failure(candidate, "lifespan", error) from error
            yield

    def _functions(self, hook: str) -> list[tuple[Candidate, Function]]:
        """The guarded functions of a *gather*, *change* or *watch* hook, in order.

        Those marked `tryfirst` come before all others, those marked `trylast` after them.
        """
        having = [each for each in self._candidates if hook in each.hooks]
        having.sort(key=lambda each: (not each.hooks[hook].first, each.hooks[hook].last))
        return [(each, direct(each, each.hooks[hook])) for each in having]


@define(eq=False)
class Carrier:
    """The core's own part in `call_backend`: it carries the calls of backends with arrows."""

    owners: Mapping[str, Candidate]

    @hookimpl(trylast=True)
    def call_backend(self, call: Call) -> Stream | None:
        """For calls that somebody wraps: what fails in the arrows is not the wrapper's fault."""
        stream = self.carry(call)
        owner = self.owners.get(call.backend.name)
        if stream is None or owner is None:
            return stream
        return guarded_stream(owner, "call_backend", stream)

    def carry(self, call: Call) -> Stream | None:
        """The reply by the backend's arrows; None when it has none."""
        from gateway.upstream import call_wire  # `babelgate plugins` opens no socket

        backend = call.backend
        if backend.write_request is None or backend.decoder is None:
            return None
        return call_wire(call)


def _carried(
    candidates: Sequence[Candidate],
    backends: Mapping[str, Backend],
    owners: Mapping[str, Candidate],
) -> frozenset[str]:
    """The backends whose calls no plugin carries: those with arrows, unless somebody overrides."""
    if any(each.has("call_backend") and not each.backends for each in candidates):
        return frozenset()
    return frozenset(
        name
        for name, backend in backends.items()
        if backend.write_request and backend.decoder and not owners[name].has("call_backend")
    )


def _manager(candidates: Sequence[Candidate], carrier: Carrier) -> pluggy.PluginManager:
    """pluggy's view of the plugins. It asks the last registered first, hence the turn."""
    manager = pluggy.PluginManager("gateway")
    manager.add_hookspecs(Hooks)
    manager.register(carrier, name="the core")
    for candidate in reversed(candidates):
        manager.register(candidate.plugin, name=candidate.name)
    guard_within(manager, candidates)
    return manager


def _answered(answer: object, kind: type[T], hook: str, dialect: str) -> T:
    if not isinstance(answer, kind) or answer is None:
        given = "nothing" if answer is None else type(answer).__name__
        raise PluginError(f"hook {hook} gave {given} for dialect '{dialect}'")
    return answer


def _wrong_kind(candidate: Candidate, hook: str, wanted: str, answer: object) -> PluginError:
    return PluginError(f"{candidate}, hook {hook}: it gave {type(answer).__name__}, not {wanted}")


def _plain_error(error: GatewayError) -> WireReply:
    body = {"error": {"type": error.kind, "message": error.message}}
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after))
    return WireReply(orjson.dumps(body), error.status, headers)


def _log_failure(error: BaseException) -> None:
    from gateway.log import log  # a log is rarely needed here

    log().error("plugin_failed", why=in_a_line(error), exc_info=error)
