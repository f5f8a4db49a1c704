"""The plugins under test, behind typed calls: no server, no configuration, no socket."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from itertools import chain

import orjson
import pluggy
from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.codec import Decoder, Encoder
from gateway.context import Call, Context
from gateway.errors import GatewayError
from gateway.events import Event
from gateway.hooks import Backend, Dialect, Endpoint, Hooks
from gateway.losses import Losses
from gateway.model import ChatRequest, Json
from gateway.settings import Group, UpstreamSettings
from gateway.upstream import Upstream
from gateway.wire import EMPTY, InboundWire, UpstreamWire, WireReply

MODEL = "real-model"
"""The name that the kit's targets have at their upstream."""


class Subject:
    """One plugin, and those that it needs, registered as the gateway would register them.

    Each is a module, an object with hook implementations, or a module's name. `dialects` and
    `backends` hold what they describe, by name. quirks: those of the kit's upstreams.
    """

    def __init__(self, *plugins: object, quirks: Mapping[str, Json] = EMPTY) -> None:
        self.quirks = quirks
        self.manager = pluggy.PluginManager("gateway")
        self.manager.add_hookspecs(Hooks)
        for plugin in plugins:
            self.manager.register(import_module(plugin) if isinstance(plugin, str) else plugin)
        self.manager.check_pending()
        dialects = chain.from_iterable(self.manager.hook.register_dialects())
        backends = chain.from_iterable(self.manager.hook.register_backends())
        self.dialects: dict[str, Dialect] = {dialect.name: dialect for dialect in dialects}
        self.backends: dict[str, Backend] = {backend.name: backend for backend in backends}

    @classmethod
    def installed(cls) -> Subject:
        """Every plugin of this environment, found by its entry point."""
        found = entry_points(group="gateway.plugins")
        return cls(*(point.load() for point in sorted(found, key=lambda point: point.name)))

    @property
    def faces(self) -> list[str]:
        """The dialects with both faces: their clients are served, their upstreams are asked."""
        return [name for name in sorted(self.dialects) if name in self.backends]

    def endpoint(self, dialect: str, *, stream: bool = False) -> Endpoint:
        """The dialect's first chat endpoint for that kind of reply."""
        for endpoint in self.dialects[dialect].endpoints:
            if endpoint.action == "chat" and endpoint.stream in (None, stream):
                return endpoint
        raise LookupError(f"dialect '{dialect}' has no chat endpoint")

    def wire(
        self,
        dialect: str,
        body: Json,
        *,
        headers: Mapping[str, str] = EMPTY,
        query: Mapping[str, str] = EMPTY,
        stream: bool = False,
    ) -> InboundWire:
        """A client's request with that body (JSON, or bytes as they are), with model arguments."""
        endpoint = self.endpoint(dialect, stream=stream)
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        args = dict.fromkeys(re.findall(r"{(\w+)}", endpoint.path), "asked-model")
        path = re.sub(r"{(\w+)}", "asked-model", endpoint.path)
        return InboundWire(endpoint.method, path, args, query, headers, data)

    def read(
        self,
        dialect: str,
        wire: InboundWire,
        losses: Losses | None = None,
        *,
        stream: bool = False,
    ) -> ChatRequest:
        """The neutral form of a client's request. Raises RequestError."""
        request = self.manager.hook.parse_inbound(
            endpoint=self.endpoint(dialect, stream=stream),
            wire=wire,
            losses=losses if losses is not None else self.losses(dialect),
        )
        assert isinstance(request, ChatRequest), f"parse_inbound declined a {dialect} request"
        return request

    def write(self, backend: str, request: ChatRequest, attempt: Attempt) -> UpstreamWire:
        """The upstream's request. Raises GatewayError."""
        write_request = self._arrows(backend).write_request
        assert write_request, f"backend '{backend}' has no write_request"
        return write_request(request, attempt)

    def decoder(self, backend: str, attempt: Attempt, *, stream: bool) -> Decoder:
        make = self._arrows(backend).decoder
        assert make, f"backend '{backend}' has no decoder"
        return make(attempt, stream)

    def encoder(self, dialect: str, request: ChatRequest, attempt: Attempt) -> Encoder:
        """The writer of a client's reply; `request.stream` says which kind."""
        endpoint = self.endpoint(dialect, stream=bool(request.stream))
        made: Encoder | None = self.manager.hook.encode_stream(
            endpoint=endpoint, request=request, context=self.context(endpoint, attempt)
        )
        assert made is not None, f"encode_stream declined a {dialect} request"
        return made

    def error(self, dialect: str, error: GatewayError) -> WireReply:
        reply = self.manager.hook.encode_error(dialect=dialect, error=error)
        assert isinstance(reply, WireReply), f"encode_error declined {dialect}"
        return reply

    def read_error(
        self, backend: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> GatewayError:
        """An upstream's error reply, as the backend understands it."""
        read = self._arrows(backend).read_error
        assert read, f"backend '{backend}' has no read_error"
        return read(status, headers, body)

    def call(self, backend: str, request: ChatRequest) -> Call:
        """A call as `call_backend` gets it, without a key."""
        attempt = self.attempt(backend, stream=bool(request.stream))
        upstream = Upstream(UpstreamSettings("upstream", backend), self.backends[backend])
        return Call(request, attempt, self.backends[backend], upstream)

    def ask(self, call: Call) -> AsyncGenerator[list[Event], None]:
        """The reply of a backend that carries its calls itself. Its first step may raise."""
        made: AsyncGenerator[list[Event], None] | None = self.manager.hook.call_backend(call=call)
        assert made is not None, f"call_backend declined backend '{call.backend.name}'"
        return made

    def losses(self, dialect: str) -> Losses:
        return Losses(self.dialects[dialect].hints if dialect in self.dialects else frozenset())

    def attempt(self, backend: str, client: str = "", *, stream: bool = False) -> Attempt:
        """A first attempt at a model that can do everything, with an empty ledger."""
        facts = {"tools": True, "images": True, "thinking": True}
        speaks = self.backends[backend].speaks
        target = Target("upstream", MODEL, backend, speaks, facts=facts, quirks=self.quirks)
        return Attempt(target, stream, client, self.losses(client))

    def context(self, endpoint: Endpoint, attempt: Attempt) -> Context:
        return Context(
            exchange_id="exchange",
            endpoint=endpoint,
            group=Group("default"),
            alias="asked-model",
            model="asked-model",
            client="",
            compat=False,
            key_id=None,
            target=attempt.target,
            attempt=attempt,
        )

    def arriving(self, dialect: str, sent: UpstreamWire, *, stream: bool = False) -> InboundWire:
        """What an upstream of this dialect receives, as if a client had sent it to us."""
        endpoint = self.endpoint(dialect, stream=stream)
        steps = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(endpoint.path))
        args = dict.fromkeys(re.findall(r"{(\w+)}", endpoint.path), MODEL)
        for start in range(len(endpoint.path)):
            prefix = endpoint.path[:start]
            if found := re.fullmatch(steps, prefix + sent.path):
                args = found.groupdict()
                break
        body = sent.body if isinstance(sent.body, bytes) else orjson.dumps(sent.body)
        headers = {name.lower(): value for name, value in sent.headers.items()}
        return InboundWire(sent.method, sent.path, args, sent.query, headers, body)

    def asking(self, dialect: str, request: ChatRequest) -> ChatRequest:
        """`request` as a client of `dialect` would ask it: written and read at home.

        So a reply's encoder sees what that dialect's own clients say (that they want usage, say).
        """
        stream = bool(request.stream)
        sent = self.write(dialect, request, self.attempt(dialect, dialect, stream=stream))
        read = self.read(dialect, self.arriving(dialect, sent, stream=stream), stream=stream)
        return evolve(read, stream=stream)

    def _arrows(self, backend: str) -> Backend:
        """The backend, or that of the dialect it speaks where it brings no arrows of its own."""
        own = self.backends[backend]
        if own.write_request is None and own.speaks in self.backends:
            return self.backends[own.speaks]
        return own
