"""The translators as a library: requests, replies and streams of one dialect in another's words.

No server, no configuration, no socket: the installed plugins do the work.

>>> sent = request(body, source="claude", target="openai", model="gpt-5")
>>> answer = reply(upstream_body, source="openai", target="claude", asked=sent)

A request travels from the client's dialect (`source`) to the upstream's (`target`); a reply and a
stream travel back, so there `source` is the upstream's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from functools import cache
from typing import TypeVar
from urllib.parse import parse_qsl, quote

import orjson
from attrs import define, evolve, field, frozen

from gateway.attempt import NO_FACTS, Attempt, Target
from gateway.codec import Decoder, Encoder
from gateway.context import Context
from gateway.errors import ConfigError
from gateway.hooks import Backend, Dialect, Endpoint
from gateway.losses import Loss, Losses
from gateway.model import ChatRequest, Json, Message, Reasoning, Sampling, Text
from gateway.plugins import Plugins, load
from gateway.routes import Routes
from gateway.settings import Group
from gateway.settings import Plugins as Choice
from gateway.wire import EMPTY, InboundWire, UpstreamWire

__all__ = ["Reply", "Stream", "Translated", "installed", "reply", "request", "stream"]

UNNAMED = "model"
"""The model's name where nobody gave one."""
Described = TypeVar("Described", Dialect, Backend)


@frozen
class Translated:
    """A request in the target's words, and what it cost.

    path: as an official client of the target appends it to a provider's address, version segment
    included ("/v1/chat/completions"). headers: without a key. losses: hints and losses of meaning,
    in the order in which they were met. neutral: what both dialects agree on.
    """

    body: dict[str, Json]
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    losses: list[Loss]
    neutral: ChatRequest = field(repr=False)
    attempt: Attempt = field(repr=False)
    """What the reply needs of the request: lowered tool names, to be raised again."""


@frozen
class Reply:
    """A whole reply in the client's words, and what it cost."""

    body: dict[str, Json]
    losses: list[Loss]


@define
class Stream:
    """A reply as it grows: iterate over it, with `async for` where its bytes come that way.

    A broken upstream ends it in the client's dialect's own error; iterating raises only what
    the source raises. losses: those so far.
    """

    _chunks: Iterable[bytes] | AsyncIterable[bytes]
    _decoder: Decoder
    _encoder: Encoder
    _losses: Losses
    content_type: str

    def __iter__(self) -> Iterator[bytes]:
        if not isinstance(self._chunks, Iterable):
            raise TypeError("the chunks come asynchronously; use `async for`")
        for chunk in self._chunks:
            if out := self._fed(chunk):
                yield out
        yield from self._rest()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if isinstance(self._chunks, AsyncIterable):
            async for chunk in self._chunks:
                if out := self._fed(chunk):
                    yield out
            for last in self._rest():
                yield last
            return
        for out in self:
            yield out

    @property
    def losses(self) -> list[Loss]:
        return list(self._losses)

    def _fed(self, chunk: bytes) -> bytes:
        return self._encoder.feed(self._decoder.feed(chunk))

    def _rest(self) -> Iterator[bytes]:
        last = self._encoder.feed(self._decoder.close()) + self._encoder.close()
        if last:
            yield last


def request(
    body: Mapping[str, Json] | bytes,
    *,
    source: str,
    target: str,
    model: str | None = None,
    path: str | None = None,
    headers: Mapping[str, str] = EMPTY,
    plugins: Plugins | None = None,
) -> Translated:
    """A client's request of dialect `source`, for an upstream of dialect `target`.

    model: its name at the upstream; None keeps the client's. path: where the client sent it;
    needed where the path says what the body doesn't (Gemini: the model, and whether to stream);
    None is the dialect's first chat endpoint. headers: the client's own, as far as they matter.
    plugins: None for all that are installed.

    Raises BadRequest for a request that is wrong, and ConfigError for an unknown dialect.
    """
    plugins = plugins or installed()
    backend = _known(plugins.backends, target)
    endpoint, wire = _arriving(plugins, source, body, path, model, headers)
    losses = Losses(plugins.hints(source, target))
    facts = plugins.dialects[source].facts(wire, endpoint)
    neutral = plugins.parse_inbound(endpoint, wire, losses)
    streamed = facts.stream if endpoint.stream is None else endpoint.stream
    neutral = evolve(neutral, stream=streamed)
    attempt = _attempt(backend, model or neutral.model, source, streamed)
    attempt.losses = losses
    sent = _written(backend, neutral, attempt)
    return Translated(
        body=orjson.loads(sent.body) if isinstance(sent.body, bytes) else sent.body or {},
        path=_whole_path(backend, sent),
        query=dict(sent.query),
        headers={**backend.headers, **sent.headers},
        losses=losses.entries,
        neutral=neutral,
        attempt=attempt,
    )


def reply(
    body: Mapping[str, Json] | bytes,
    *,
    source: str,
    target: str,
    asked: Translated | None = None,
    plugins: Plugins | None = None,
) -> Reply:
    """An upstream's whole reply, of dialect `source`, for a client of dialect `target`.

    asked: the request that it answers; without it, tool names that had to be changed stay so, and
    the client counts as one that wants to see everything.

    Raises UpstreamError for a reply that is wrong, and ConfigError for an unknown dialect.
    """
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    decoder, encoder, losses = _pipe(plugins or installed(), source, target, asked, streamed=False)
    encoder.feed([*decoder.feed(data), *decoder.close()])
    return Reply(orjson.loads(encoder.close()), losses.entries)


def stream(
    chunks: bytes | Iterable[bytes] | AsyncIterable[bytes],
    *,
    source: str,
    target: str,
    asked: Translated | None = None,
    plugins: Plugins | None = None,
) -> Stream:
    """An upstream's stream, of dialect `source`, for a client of dialect `target`.

    chunks: the upstream's bytes, cut anywhere. asked: as for `reply`. Raises ConfigError.
    """
    decoder, encoder, losses = _pipe(plugins or installed(), source, target, asked, streamed=True)
    whole = [chunks] if isinstance(chunks, bytes) else chunks
    return Stream(whole, decoder, encoder, losses, encoder.content_type)


@cache
def installed() -> Plugins:
    """Every plugin of this environment, loaded once."""
    return load(Choice())


def _arriving(
    plugins: Plugins,
    source: str,
    body: Mapping[str, Json] | bytes,
    path: str | None,
    model: str | None,
    headers: Mapping[str, str],
) -> tuple[Endpoint, InboundWire]:
    """The request as the gateway would have received it. Raises NotFound for a wrong path."""
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    path = path or first_path(_known(plugins.dialects, source), model or UNNAMED)
    lower = {name.lower(): value for name, value in headers.items()}
    dialect_only = Routes(each for each in plugins.endpoints if each.dialect == source)
    route = dialect_only.resolve("POST", path, lower)
    query = dict(parse_qsl(path.partition("?")[2], keep_blank_values=True))
    return route.endpoint, InboundWire("POST", path, route.args, query, lower, data)


def first_path(dialect: Dialect, model: str) -> str:
    """The path of the dialect's first chat endpoint, with `model` in it where it wants one."""
    first = next((one for one in dialect.endpoints if one.action == "chat"), None)
    if first is None:
        raise ConfigError(f"dialect '{dialect.name}' has no chat endpoint")
    return re.sub(r"{\w+}", lambda _: quote(model, safe=""), first.path)


def _pipe(
    plugins: Plugins, source: str, target: str, asked: Translated | None, *, streamed: bool
) -> tuple[Decoder, Encoder, Losses]:
    backend, dialect = _known(plugins.backends, source), _known(plugins.dialects, target)
    losses = Losses(plugins.hints(target, source))
    attempt = _attempt(backend, UNNAMED, target, streamed)
    if asked is not None:
        _check_way(asked, source, target)
        attempt = evolve(asked.attempt, stream=streamed)
    attempt.losses = losses
    question = evolve(asked.neutral, stream=streamed) if asked else None
    question = question or _curious(plugins, dialect, streamed)
    endpoint = _endpoint(dialect, streamed)
    if backend.decoder is None:
        raise ConfigError(f"backend '{source}' has no wire format to translate from")
    encoder = plugins.encode_stream(endpoint, question, _context(endpoint, attempt))
    return backend.decoder(attempt, streamed), encoder, losses


def _check_way(asked: Translated, source: str, target: str) -> None:
    way = (asked.attempt.target.backend, asked.attempt.client)
    if way != (source, target):
        raise ConfigError(
            f"the request went from '{way[1]}' to '{way[0]}', so its reply goes from '{way[0]}'"
            f" to '{way[1]}', not from '{source}' to '{target}'"
        )


def _curious(plugins: Plugins, dialect: Dialect, streamed: bool) -> ChatRequest:
    """A question of a client that wants to see all there is, as its dialect would put it."""
    plain = ChatRequest(
        UNNAMED,
        [Message("user", [Text("?")])],
        sampling=Sampling(max_tokens=4096),
        reasoning=Reasoning("on", budget=1024, include=True),
        stream=streamed,
    )
    own = plugins.backends.get(dialect.name)
    if own is None or own.write_request is None:
        return plain
    sent = own.write_request(plain, _attempt(own, UNNAMED, dialect.name, streamed))
    body = sent.body if isinstance(sent.body, bytes) else orjson.dumps(sent.body)
    path = _whole_path(own, sent)
    endpoint, wire = _arriving(plugins, dialect.name, body, path, None, sent.headers)
    read = plugins.parse_inbound(endpoint, evolve(wire, query=sent.query), Losses())
    return evolve(read, stream=streamed)


def _endpoint(dialect: Dialect, streamed: bool) -> Endpoint:
    chats = (one for one in dialect.endpoints if one.action == "chat")
    return next(one for one in chats if one.stream in (None, streamed))


def _attempt(backend: Backend, model: str, client: str, streamed: bool) -> Attempt:
    target = Target(backend.name, model, backend.name, backend.speaks, facts=NO_FACTS)
    return Attempt(target, streamed, client)


def _context(endpoint: Endpoint, attempt: Attempt) -> Context:
    model = attempt.target.model
    return Context(
        exchange_id="library",
        endpoint=endpoint,
        group=Group("default"),
        alias=model,
        model=model,
        client="",
        compat=False,
        key_id=None,
        target=attempt.target,
        attempt=attempt,
    )


def _written(backend: Backend, neutral: ChatRequest, attempt: Attempt) -> UpstreamWire:
    if backend.write_request is None:
        raise ConfigError(f"backend '{backend.name}' has no wire format to translate to")
    return backend.write_request(neutral, attempt)


def _whole_path(backend: Backend, sent: UpstreamWire) -> str:
    return f"/{backend.version}{sent.path}" if backend.version else sent.path


def _known(named: Mapping[str, Described], name: str) -> Described:
    found = named.get(name)
    if found is None:
        raise ConfigError(f"no installed plugin knows '{name}' (there are: {', '.join(named)})")
    return found
