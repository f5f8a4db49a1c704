"""Upstreams at run time: one pooled client session each, and the ways to ask one."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import cache, partial
from types import MappingProxyType

import aiohttp
import orjson
from attrs import evolve
from yarl import URL

from gateway import __version__
from gateway.abilities import Abilities
from gateway.attempt import Target
from gateway.codec import Decoder
from gateway.context import Call, EmbedCall
from gateway.errors import (
    GatewayError,
    LossRefused,
    Unreachable,
    UpstreamError,
    kind_of_status,
)
from gateway.events import Event, Failure, Start
from gateway.hooks import Address, Backend
from gateway.key_header import carrier
from gateway.model import Json
from gateway.placeholders import fill
from gateway.places import Places
from gateway.pool import Pool
from gateway.retry import RetryBudget
from gateway.settings import FaceSettings, UpstreamSettings
from gateway.wire import EMPTY, UpstreamWire

HOP_HEADER = "x-babelgate-hop"
"""Names each gateway that a request went through, so that a circle is seen."""
HOP = uuid.uuid4().hex[:16]
VERSION = re.compile(r"v\d+(alpha|beta)?\d*")
OWN_HEADERS = {
    "User-Agent": f"babelgate/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    HOP_HEADER: HOP,
}
"""Of every request; no compression, which would hold streams back."""
NO_CONNECTION = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
KEEP_ALIVE = 60.0
ERROR_BODY = 1 << 20
URLS_KEPT = 256
EMPTY_BACKENDS: Mapping[str, Backend] = MappingProxyType({})


class Upstream:
    """A provider: its settings, its keys, and a session that is opened when first needed.

    backends: those of its further faces. before: the same upstream under the last configuration,
    whose keys' state goes on. places: None for any number of exchanges at a time. bounded:
    whether there is anything to keep to beside the timeouts of a connection.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        backend: Backend,
        backends: Mapping[str, Backend] = EMPTY_BACKENDS,
        before: Upstream | None = None,
    ) -> None:
        if before is not None and not before.is_where(settings):
            before = None
        self.settings = settings
        self.backend = backend
        self.pool: Pool = Pool(settings.keys, before=before.pool if before else None)
        self.budget: RetryBudget = before.budget if before else RetryBudget()
        self.places = _places(settings, before)
        self.bounded = self.places is not None or settings.first_token_timeout is not None
        self.auth = carrier(settings.auth) if settings.auth else backend.auth
        self._faces = {
            name: self._face(face, backends[name])
            for name, face in settings.also.items()
            if name in backends
        }
        self._proxies = dict(zip(settings.keys, settings.proxies, strict=False))
        self._base = base_url(settings.base_url, backend.version) if settings.base_url else ""
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self.abilities = Abilities()

    def is_where(self, settings: UpstreamSettings) -> bool:
        """Whether `settings` lead to the same provider, so that its keys are the same keys."""
        own = self.settings
        return (own.backend, own.base_url) == (settings.backend, settings.base_url)

    async def send(
        self,
        wire: UpstreamWire,
        key: str | None,
        headers: Mapping[str, str] = EMPTY,
        address: Address | None = None,
    ) -> aiohttp.ClientResponse:
        """Send `wire` and give back the head of the reply. Raises UpstreamError, also for 4xx.

        A pooled connection that the provider closed just then is replaced once.
        """
        url = self._url(wire, address)
        sent = self._headers(wire, headers, address.key if address else key)
        body = orjson.dumps(wire.body) if isinstance(wire.body, dict) else wire.body
        for last_try in (False, True):
            try:
                reply = await self.session.request(
                    wire.method,
                    url,
                    data=body,
                    headers=sent,
                    allow_redirects=False,
                    proxy=self._proxy(key) if self.settings.proxies else None,
                )
                break
            except (aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
                if last_try:
                    raise self.unreachable(error) from None
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise self.unreachable(error) from None
        if reply.status >= 300:
            await self._raise_status(reply)
        return reply

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE),
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    sock_connect=self.settings.connect_timeout,
                    sock_read=self.settings.timeout,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={**OWN_HEADERS, **self.backend.headers},
            )
        return self._session

    def facing(self, target: Target) -> Upstream:
        """The face that `target` is at: an upstream of the same name, keys and limits."""
        return self if target.main is None else self._faces[target.backend]

    async def close(self) -> None:
        for face in self._faces.values():
            await face.close()
        if self._session is not None:
            await self._session.close()

    def unreachable(self, error: BaseException) -> UpstreamError:
        """What a failed connection or a broken reply means for the client."""
        name = self.settings.name
        kind = Unreachable if isinstance(error, NO_CONNECTION) else UpstreamError
        if isinstance(error, TimeoutError):
            return kind(f"upstream '{name}' was silent for too long", status=504, kind="timeout")
        why = type(error).__name__ if not str(error) else str(error)
        return kind(f"upstream '{name}' could not be reached or broke off: {why}")

    def _face(self, face: FaceSettings, backend: Backend) -> Upstream:
        also: Mapping[str, FaceSettings] = {}
        settings = evolve(self.settings, base_url=face.base_url, auth=face.auth, also=also)
        made = Upstream(settings, backend)
        made.pool, made.budget, made.places = self.pool, self.budget, self.places
        return made

    def _proxy(self, key: str | None) -> str:
        """The proxy of a key; where there is one for all, that one."""
        only = self.settings.proxies[0]
        return only if len(self.settings.proxies) == 1 else self._proxies.get(key or "", only)

    def _url(self, wire: UpstreamWire, address: Address | None) -> URL:
        base = base_url(address.base_url, self.backend.version) if address else self._base
        if wire.at_root:
            base = str(URL(base).origin())
        configured = self.settings.query
        query = {**fill(configured), **wire.query} if configured else wire.query
        text = base + wire.path
        url = self._urls.get(text)
        if url is None:
            url = URL(text, encoded=True)
            if len(self._urls) < URLS_KEPT:
                self._urls[text] = url
        return url.with_query(query) if query else url

    def _headers(
        self, wire: UpstreamWire, hops: Mapping[str, str], key: str | None
    ) -> dict[str, str]:
        headers = dict(hops)
        if wire.headers:
            headers.update(wire.headers)
        if key and self.auth:
            headers.update(self.auth(key))
        if self.settings.headers:
            headers.update(fill(self.settings.headers))
        return headers

    async def _raise_status(self, reply: aiohttp.ClientResponse) -> None:
        async with reply:
            try:
                body = await reply.content.read(ERROR_BODY)
            except (aiohttp.ClientError, TimeoutError, OSError):
                body = b""
        name = self.settings.name
        if reply.status < 400:
            raise UpstreamError(
                f"upstream '{name}' answered with a redirect ({reply.status}), which is never"
                " followed; set its base_url to where it points"
            )
        raise self._read_error(reply.status, reply.headers, body)

    def _read_error(self, status: int, headers: Mapping[str, str], body: bytes) -> GatewayError:
        if self.backend.read_error:
            lower = {key.lower(): value for key, value in headers.items()}
            return self.backend.read_error(status, lower, body)
        text = body[:500].decode("utf-8", "replace")
        return UpstreamError(text, status=status, kind=kind_of_status(status), body=body)


def call_wire(call: Call) -> AsyncGenerator[list[Event], None]:
    """Carry `call` by its backend's arrows; one batch of events for each network read.

    The first step sends the request. Raises UpstreamError before the first event, and
    LossRefused before anything is sent.
    """
    if not call.request.stream:
        return _in_one_batch(call)
    make = call.backend.decoder
    assert make is not None
    return decoded(call.upstream, partial(_asked, call), make(call.attempt, True))


async def _in_one_batch(call: Call) -> AsyncGenerator[list[Event], None]:
    yield await call_whole(call)


async def _asked(call: Call) -> aiohttp.ClientResponse:
    write = call.backend.write_request
    assert write is not None
    wire = write(call.request, call.attempt)
    refuse_losses(call)
    return await open_reply(call, wire)


async def call_whole(call: Call) -> list[Event]:
    """All events of a call that asks for one body. Raises UpstreamError, LossRefused."""
    make = call.backend.decoder
    assert make is not None
    decoder = make(call.attempt, False)
    reply = await _asked(call)
    try:
        return await _whole(call.upstream, reply, decoder)
    finally:
        release(reply)


async def ask(call: Call, wire: UpstreamWire) -> Json:
    """Send `wire` to the call's upstream and give back its JSON. Raises UpstreamError."""
    return json_of(await body_of(call.upstream, await open_reply(call, wire)))


async def body_of(upstream: Upstream, reply: aiohttp.ClientResponse) -> bytes:
    """The whole body of `reply`, which is released. Raises UpstreamError when it breaks off."""
    try:
        return await reply.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise upstream.unreachable(error) from None
    finally:
        release(reply)


def json_of(body: bytes) -> Json:
    """The JSON of a whole reply. Raises UpstreamError."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UpstreamError.garbage("it is not JSON") from None


async def open_reply(call: Call, wire: UpstreamWire) -> aiohttp.ClientResponse:
    """The head of the reply to `wire`. Whoever gets it must `release` it."""
    upstream, backend = call.upstream, call.backend
    address = await backend.prepare(call) if backend.prepare else None
    return await upstream.send(wire, call.key, call.headers, address)


def release(reply: aiohttp.ClientResponse) -> None:
    """Leave `reply`'s connection to the pool when it was read to its end, else close it."""
    if reply.content.at_eof():
        reply.release()
    else:
        reply.close()


async def decoded(
    upstream: Upstream, ask: Callable[[], Awaitable[aiohttp.ClientResponse]], decoder: Decoder
) -> AsyncGenerator[list[Event], None]:
    """The batches that the bytes of the reply to `ask` complete.

    A connection that breaks ends them in a Failure; before any event it raises UpstreamError.
    """
    reply = await ask()
    headers = allowed(reply.headers, upstream.backend.reply_headers)
    started = False
    try:
        async for data in reply.content.iter_any():
            batch = decoder.feed(data)
            if batch:
                yield batch if started else _with_headers(batch, headers)
                started = True
                if isinstance(batch[-1], Failure):
                    return
        batch = decoder.close()
        if batch:
            yield batch if started else _with_headers(batch, headers)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        broken = upstream.unreachable(error)
        if not started:
            raise broken from None
        yield [Failure(broken)]
    finally:
        release(reply)


async def _whole(
    upstream: Upstream, reply: aiohttp.ClientResponse, decoder: Decoder
) -> list[Event]:
    """The events of a reply that is one body. Raises UpstreamError when it breaks off."""
    try:
        body = await reply.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise upstream.unreachable(error) from None
    batch = [*decoder.feed(body), *decoder.close()]
    return _with_headers(batch, allowed(reply.headers, upstream.backend.reply_headers))


def refuse_losses(call: Call | EmbedCall) -> None:
    """Raise LossRefused when the group refuses what writing the request has just lost."""
    lost = call.attempt.losses.of_meaning
    if call.attempt.refuse_losses and lost:
        named = "; ".join(f"{loss.path}: {loss.reason}" for loss in lost)
        raise LossRefused(f"'{call.target}' can't carry all of this request: {named}")


def _places(settings: UpstreamSettings, before: Upstream | None) -> Places | None:
    """The places of an upstream: those from before, if their bounds are as they were."""
    most = settings.max_concurrent
    if most is None:
        return None
    bounds = (most, settings.max_queued, settings.queue_timeout)
    had = before.places if before else None
    return had if had is not None and had.bounds == bounds else Places(settings.name, *bounds)


def base_url(url: str, version: str) -> str:
    """`url` without a last slash, with `version` added unless a version segment ends it."""
    url = url.rstrip("/")
    last = url.rsplit("/", 1)[-1]
    return url if not version or VERSION.fullmatch(last) else f"{url}/{version}"


def allowed(headers: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The headers among `names`, in lower case; a `*` at a name's end stands for any rest."""
    exact, starts = _header_rules(tuple(names))
    found = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower in exact or (starts and lower.startswith(starts)):
            found[lower] = value
    return found


@cache
def _header_rules(names: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The whole names, and the beginnings. A backend's list is written once, in its plugin."""
    starts = tuple(name[:-1] for name in names if name.endswith("*"))
    return frozenset(name for name in names if not name.endswith("*")), starts


def _with_headers(batch: list[Event], headers: dict[str, str]) -> list[Event]:
    if headers and isinstance(batch[0], Start):
        return [evolve(batch[0], headers=headers), *batch[1:]]
    return batch
