"""The Newplugin dialect, both faces: this is the table of contents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Context
    from gateway.errors import GatewayError
    from gateway.model import ChatRequest
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1
NAME = "newplugin"
CHAT = Endpoint("POST", "/newplugin/chat", NAME, "chat")


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_newplugin.inbound import facts

    return [Dialect(NAME, [CHAT], facts, stream_type="application/x-ndjson")]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_newplugin.decode import Decoder
    from gateway_newplugin.errors import read_error
    from gateway_newplugin.outbound import write_request

    return [
        Backend(
            NAME,
            speaks=NAME,
            write_request=write_request,
            decoder=lambda attempt, stream: Decoder(stream=stream),  # noqa: ARG005 - the contract
            read_error=read_error,
            auth=lambda key: {"authorization": f"Bearer {key}"},
        )
    ]


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire) -> ChatRequest | None:
    from gateway_newplugin.inbound import read_request

    return read_request(wire) if endpoint.dialect == NAME else None


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    from gateway_newplugin.encode import Encoder as Writer

    if endpoint.dialect != NAME:
        return None
    return Writer(context.losses, stream=bool(request.stream))


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    from gateway_newplugin.errors import write_error

    return write_error(error) if dialect == NAME else None
