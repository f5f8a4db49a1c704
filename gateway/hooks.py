"""Every hook, in the order in which an exchange meets them. Start reading here.

A plugin is an installed distribution with an entry point in the group `gateway.plugins` that
names a module (or object) with functions marked `@hookimpl`. Hooks are plain functions: they
decline with `None` and give back an object at once. They run once per exchange or per attempt,
never per event. A hook implementation may leave out the arguments that it does not need.

Kinds: *gather* asks every plugin and joins the answers; *provide* takes the first answer;
*change* lets each plugin hand on a changed value, in the configured order; *watch* tells everyone.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Literal

import pluggy
from attrs import field, frozen

from gateway.codec import Decoder, Encoder, Tap, WriteRequest
from gateway.embedding import EmbedReply, EmbedRequest
from gateway.embedding_tap import ReadUsage
from gateway.errors import GatewayError
from gateway.events import Event
from gateway.losses import Losses
from gateway.model import ChatRequest, Json
from gateway.wire import InboundWire, UpstreamWire, WireReply

if TYPE_CHECKING:
    from aiohttp import web
    from click import Command

    from gateway.attempt import Attempt, Target
    from gateway.context import Call, Context, EmbedCall, Record
    from gateway.settings import UpstreamSettings

API_VERSION = 1
"""Raised when a plugin written for the last version would break. A plugin module says which
version it was written for in a constant `API_VERSION`."""

hookspec = pluggy.HookspecMarker("gateway")
hookimpl = pluggy.HookimplMarker("gateway")


# --- Descriptors: what dialects and backends say of themselves ------------------------------


@frozen
class Endpoint:
    """One URL that clients call.

    path: what follows the group's prefix, with `{names}` for variable segments
    ("/v1beta/models/{model}:generateContent").
    action: chat, models, model (of the path or of the body), count_tokens, embed, about (an
    answer of the dialect that asks nothing of the gateway), or a word of the dialect's own.
    """

    method: str
    path: str
    dialect: str
    action: str
    stream: bool | None = None


@frozen
class RouteFacts:
    """The little of a request that routing needs, read without parsing all of it.

    plain: what `model` is also called; routed by where `model` itself is no configured name.
    ready: the whole reply to a request that only asks whether the model is there.
    """

    model: str
    stream: bool
    plain: str | None = None
    ready: WireReply | None = None


@frozen
class Dialect:
    """The client's side of a wire format.

    facts: reads model and stream from a request. Raises BadRequest.
    relay: the upstream's request for a client's own request, with the target's model name in it.
    tap: a watcher for a relayed reply; called with the client's wire, and True when the reply is
    streamed. None: this dialect's replies are never relayed.
    ping: the bytes that keep a silent stream alive; b"" for none.
    hints: names of fields whose loss leaves the answer's meaning as it was.
    stream_type: the content type of a stream.
    embed_usage: reads the tokens of a relayed reply of action "embed"; None: those aren't relayed.
    caller_headers: headers (lower case) that tell its clients at a URL that dialects share.
    usual_caller: whether a client at such a URL without any of them is one of its own.
    """

    name: str
    endpoints: Sequence[Endpoint]
    facts: Callable[[InboundWire, Endpoint], RouteFacts]
    relay: Callable[[InboundWire, Endpoint, Target], UpstreamWire] | None = None
    tap: Callable[[InboundWire, bool], Tap] | None = None
    ping: bytes = b""
    hints: frozenset[str] = frozenset()
    stream_type: str = "text/event-stream"
    setup: Callable[[str, str], Mapping[str, str]] | None = None
    """Environment variables for this dialect's well-known client, from base URL and key."""
    caller_headers: Sequence[str] = ()
    usual_caller: bool = False
    programs: Sequence[str] = ()
    """Commands of its well-known clients ("claude"), which `babelgate doctor` looks for."""
    embed_usage: ReadUsage | None = None
    keyless_local: bool = False
    """Its clients can send no key: on this machine they may go without, where settings allow."""


@frozen
class Face:
    """A further dialect that a known provider speaks, with the same keys.

    base_url: its address; None: that of the main one. auth: how a key is carried there, in the
    words of the setting; None: as the dialect does.
    """

    base_url: str | None = None
    auth: str | None = None
    quirks: Mapping[str, Json] = field(factory=dict)


@frozen
class Preset:
    """A provider known by name: `preset = "moonshot"`, or just its variable in the environment.

    variables: environment variables that hold its keys; base_url_variable: one that moves it.
    also: its further faces by dialect. They hold at its own address only; those of a keyless one,
    which is a server that people run themselves, wherever it is.
    """

    name: str
    base_url: str
    variables: Sequence[str] = ()
    base_url_variable: str | None = None
    quirks: Mapping[str, Json] = field(factory=dict)
    keyless: bool = False
    also: Mapping[str, Face] = field(factory=dict)
    patterns: Sequence[str] = ()
    """Model names that are this vendor's own ("gpt-*"): they route here without configuration."""


@frozen
class Probe:
    """A request that costs nothing and needs the key, such as the list of models.

    field: what the reply, a JSON object, has at its top when it is one of this wire.
    """

    wire: UpstreamWire
    field: str


@frozen
class EmbedArrows:
    """How a wire backend is asked for vectors.

    write: the upstream's requests, one for each share of the inputs that it takes at once, in
    order. Raises NotOffered for what it can't embed. read: their replies as one. Raises
    UpstreamError.
    """

    write: Callable[[EmbedRequest, Attempt], Sequence[UpstreamWire]]
    read: Callable[[Sequence[Json], Attempt], EmbedReply]


@frozen
class Inquiry:
    """How a provider is asked what one of its models can do, before the first exchange with it.

    write: the request that asks; None where there is nothing to ask. read: the facts in the JSON
    that answers it, by the names of `Target.facts`; what it does not know it leaves out.
    """

    write: Callable[[Target], UpstreamWire | None]
    read: Callable[[Json], Mapping[str, Json]]


@frozen
class Backend:
    """What carries a request to an upstream.

    speaks: the dialect of its wire; None when it has none.
    version: the URL segment that follows a base URL without one ("v1").
    write_request, decoder: the arrows of a wire backend; the core may use them without a call.
    embeddings: those for vectors; None where the wire has none.
    auth: the headers that carry a key. headers: sent with every request.
    reply_headers: names (lower case) of reply headers that clients may see; `*` at the end is a
    wildcard. read_error: an error reply (status, headers, body) as an UpstreamError.
    presets: the providers that this backend reaches. probe: how to try an address and a key.
    prepare: awaited before a request is sent; gives the address to send it to (a base URL and a
    key), or None for the configured one. Raises GatewayError.
    inquiry: how to ask what a model can do; None: it is not asked.

    A backend that speaks a dialect and brings no arrows uses those of the backend of that name.
    """

    name: str
    speaks: str | None = None
    version: str = ""
    write_request: WriteRequest | None = None
    decoder: Callable[[Attempt, bool], Decoder] | None = None
    embeddings: EmbedArrows | None = None
    read_error: Callable[[int, Mapping[str, str], bytes], GatewayError] | None = None
    auth: Callable[[str], Mapping[str, str]] | None = None
    headers: Mapping[str, str] = field(factory=dict)
    reply_headers: Sequence[str] = ()
    presets: Sequence[Preset] = ()
    needs_url: bool = True
    prepare: Callable[[Call], Awaitable[Address | None]] | None = None
    probe: Probe | None = None
    inquiry: Inquiry | None = None


@frozen
class Address:
    """Where an upstream listens now, for backends that find out as they go."""

    base_url: str
    key: str | None = field(default=None, repr=False)


@frozen
class Fallback:
    """An upstream to use when nothing at all is configured.

    rank: the lowest of all offers is taken. model: what it answers every name with.
    note: what the banner says of it. demo: it proves the wire and not quality, and says so.
    """

    rank: int
    upstream: UpstreamSettings
    model: str
    note: str
    demo: bool = False


Touch = Literal["request", "reply"]


class Hooks:
    """The hookspecs."""

    # --- at start ---

    @hookspec
    def register_dialects(self) -> Sequence[Dialect]:
        """Gather: the dialects whose clients this plugin serves."""

    @hookspec
    def register_backends(self) -> Sequence[Backend]:
        """Gather: the backends that `backend =` or `dialect =` in an upstream may name."""

    @hookspec
    def register_settings(self) -> Mapping[str, type]:
        """Gather: attrs classes for tables of the configuration, by their place.

        A place is "top.NAME" for a table `[NAME]`, "group.NAME" or "upstream.NAME" for a key or
        table in a group or an upstream. The parsed value stands in `extra[NAME]` of that place.
        An array of tables is a list of a class (`list[Rule]`); a group that extends another has
        its own rules first. A field `with_` is written `with`; `settings.Seconds` and
        `settings.FileText` are kinds of values. See `gateway.structure` for values of your own.
        """

    @hookspec
    def offer_fallback(self, environ: Mapping[str, str]) -> Fallback | None:
        """Gather, only when nothing is configured: a provider found on this machine.

        May look for it for up to a second.
        """

    @hookspec
    def register_routes(self, app: web.Application) -> None:
        """Gather: add routes of your own. Host, origin and proxy key are checked before them."""

    @hookspec
    def register_commands(self) -> Sequence[Command]:
        """Gather: click commands for the `babelgate` command."""

    @hookspec
    def lifespan(self, app: web.Application) -> AbstractAsyncContextManager[None]:
        """Gather: entered before the first exchange, left after the last."""

    # --- per exchange ---

    @hookspec(firstresult=True)
    def parse_inbound(
        self, endpoint: Endpoint, wire: InboundWire, losses: Losses
    ) -> ChatRequest | None:
        """Provide: the neutral form of a chat request. Raises BadRequest."""

    @hookspec
    def touches(self, context: Context) -> set[Touch] | None:
        """Gather: what the plugin wants of this exchange: "request", "reply".

        A plugin with a change hook or a `call_backend` wrapper and no `touches` counts as both.
        An exchange that nobody touches is relayed where client and upstream speak one dialect,
        and `call_backend` wrappers are left out where nobody wants the reply.
        """

    # --- per attempt ---

    @hookspec
    def rewrite_prompt(self, request: ChatRequest, context: Context) -> ChatRequest | None:
        """Change: the request that this target gets; None leaves it as it is."""

    @hookspec
    def adjust_temperature(
        self, temperature: float, request: ChatRequest, context: Context
    ) -> float | None:
        """Change: the temperature, when the client gave one; None leaves it as it is."""

    @hookspec(firstresult=True)
    def call_backend(self, call: Call) -> AsyncGenerator[list[Event], None] | None:
        """Provide: send the request and give the reply as batches of events.

        The first step of the generator sends the request and raises an UpstreamError before any
        event. One batch holds what one network read completed. The core closes the generator
        with `aclosing`, which must end the upstream's request; so must a wrapper. The core itself
        carries the calls of every backend that has arrows.
        """

    @hookspec(firstresult=True)
    def encode_stream(
        self, endpoint: Endpoint, request: ChatRequest, context: Context
    ) -> Encoder | None:
        """Provide: a writer for the client's dialect, streaming when `request.stream` is true."""

    # --- other answers of a dialect ---

    @hookspec(firstresult=True)
    def encode_error(self, dialect: str, error: GatewayError) -> WireReply | None:
        """Provide: an error in the dialect's own shape and status. Never raises."""

    @hookspec(firstresult=True)
    def encode_models(
        self,
        endpoint: Endpoint,
        wire: InboundWire,
        models: Sequence[str],
        facts: Mapping[str, Json],
    ) -> WireReply | None:
        """Provide: the list of `models` (names that clients may ask for), or one model of it.

        For one model (`endpoint.action == "model"`) the list holds that one name, and `facts` is
        what is known of its first target (see `Target.facts`). For action "about" there are none
        of both. May raise GatewayError.
        """

    @hookspec(firstresult=True)
    def encode_count(self, endpoint: Endpoint, tokens: int, estimated: bool) -> WireReply | None:
        """Provide: the reply to a count_tokens request."""

    @hookspec(firstresult=True)
    def count_tokens(self, call: Call) -> Awaitable[int] | None:
        """Provide: ask the upstream how long `call.request` is, in tokens. Raises UpstreamError.

        Declined with None by a backend that can't tell; the core then estimates and says so.
        """

    # --- vectors ---

    @hookspec(firstresult=True)
    def parse_embed(
        self, endpoint: Endpoint, wire: InboundWire, losses: Losses
    ) -> EmbedRequest | None:
        """Provide: the neutral form of a request for vectors. Raises BadRequest."""

    @hookspec(firstresult=True)
    def embed(self, call: EmbedCall) -> Awaitable[EmbedReply] | None:
        """Provide: the vectors of `call.request`. Raises GatewayError.

        Declined with None by a backend that has `embeddings`: the core uses those arrows.
        """

    @hookspec(firstresult=True)
    def encode_embeddings(
        self, endpoint: Endpoint, request: EmbedRequest, reply: EmbedReply, losses: Losses
    ) -> WireReply | None:
        """Provide: the reply to a request for vectors."""

    # --- afterwards ---

    @hookspec
    def exchange_finished(self, record: Record) -> None:
        """Watch: the record of one exchange. What it raises is logged and goes no further."""
