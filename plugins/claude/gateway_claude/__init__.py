"""The Claude Messages dialect: its clients, and providers that speak it.

One exchange, by file: `dialect` and `inbound` read the client, `outbound` writes to the upstream,
`decode` reads its reply, `encode` writes to the client; `relay` and `tap` are the short way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, Touch, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Call, Context
    from gateway.errors import GatewayError
    from gateway.losses import Losses
    from gateway.model import ChatRequest
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1
NAME = "claude"


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_claude.dialect import DIALECT

    return [DIALECT]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_claude.backend import BACKEND

    return [BACKEND]


@hookimpl
def touches(context: Context) -> set[Touch] | None:
    """A client's own request, where a relay would leave in it more than the model writes."""
    target = context.target
    at_home = context.endpoint.dialect == NAME == target.speaks
    return {"request"} if at_home and "max_output" in target.facts else None


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_claude.inbound import read_request

    return read_request(wire, losses)


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_claude.encode import encoder

    return encoder(request, context.attempt)


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    if dialect != NAME:
        return None
    from gateway_claude.errors import write_error

    return write_error(error)


@hookimpl
def encode_models(endpoint: Endpoint, models: Sequence[str]) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_claude.models import write_model, write_models

    return write_model(models[0]) if endpoint.action == "model" else write_models(models)


@hookimpl
def encode_count(endpoint: Endpoint, tokens: int, estimated: bool) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_claude.models import write_count

    return write_count(tokens, estimated=estimated)


@hookimpl
def count_tokens(call: Call) -> Awaitable[int] | None:
    """Declined for other dialects, and with the quirk `count_tokens = false`."""
    if call.target.speaks != NAME or call.target.quirks.get("count_tokens") is False:
        return None
    from gateway_claude import backend

    return backend.count_tokens(call)
