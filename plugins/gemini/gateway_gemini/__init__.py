"""The Gemini dialect: its clients, and models that speak it.

One exchange, by file: `dialect` and `inbound` read the client, `outbound` writes to the upstream,
`decode` reads its reply, `encode` writes to the client; `relay` and `tap` are the short way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Call, Context
    from gateway.embedding import EmbedReply, EmbedRequest
    from gateway.errors import GatewayError
    from gateway.losses import Losses
    from gateway.model import ChatRequest
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1
NAME = "gemini"


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_gemini.dialect import DESCRIPTOR

    return [DESCRIPTOR]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_gemini.backend import BACKEND

    return [BACKEND]


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire) -> ChatRequest | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.inbound import read_request

    return read_request(wire, stream=endpoint.stream)


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.encode import encoder

    return encoder(request, context.attempt)


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    if dialect != NAME:
        return None
    from gateway_gemini.errors import write_error

    return write_error(error)


@hookimpl
def encode_models(endpoint: Endpoint, models: Sequence[str]) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.models import write_model, write_models

    return write_model(models[0]) if endpoint.action == "model" else write_models(models)


@hookimpl
def encode_count(endpoint: Endpoint, tokens: int) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.models import write_count

    return write_count(tokens)


@hookimpl
def count_tokens(call: Call) -> Awaitable[int] | None:
    """Declined for other dialects, and with the quirk `count_tokens = false`."""
    if call.target.speaks != NAME or call.target.quirks.get("count_tokens") is False:
        return None
    from gateway_gemini import backend

    return backend.count_tokens(call)


@hookimpl
def parse_embed(endpoint: Endpoint, wire: InboundWire) -> EmbedRequest | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.embed_inbound import read_embed

    return read_embed(wire, endpoint)


@hookimpl
def encode_embeddings(endpoint: Endpoint, reply: EmbedReply, losses: Losses) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_gemini.embed_reply import write_embeddings

    return write_embeddings(endpoint, reply, losses)
