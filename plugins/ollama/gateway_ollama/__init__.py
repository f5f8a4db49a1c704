"""Ollama's own API: its clients' side and its servers' side. A table of contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, Fallback, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Context
    from gateway.errors import GatewayError
    from gateway.losses import Losses
    from gateway.model import ChatRequest, Json
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1
NAME = "ollama"


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_ollama.encode import STREAM
    from gateway_ollama.endpoints import ENDPOINTS
    from gateway_ollama.names import HINTS
    from gateway_ollama.relay import read_facts, relay
    from gateway_ollama.tap import make_tap

    return [
        Dialect(
            NAME,
            ENDPOINTS,
            facts=read_facts,
            relay=relay,
            tap=make_tap,
            hints=HINTS,
            stream_type=STREAM,
            setup=_setup,
            keyless_local=True,
        )
    ]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_ollama.abilities import INQUIRY
    from gateway_ollama.decode import make_decoder
    from gateway_ollama.errors import read_error
    from gateway_ollama.outbound import write_request
    from gateway_ollama.presets import PRESETS

    return [
        Backend(
            NAME,
            speaks=NAME,
            write_request=write_request,
            decoder=make_decoder,
            read_error=read_error,
            auth=_auth,
            presets=PRESETS,
            inquiry=INQUIRY,
        )
    ]


@hookimpl
def offer_fallback(environ: Mapping[str, str]) -> Fallback | None:
    """A real model goes before the demo model."""
    from gateway_ollama.fallback import find_ollama

    return find_ollama(environ)


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest | None:  # noqa: ARG001 hookspec
    if endpoint.dialect != NAME:
        return None
    from gateway_ollama.inbound import read_request

    return read_request(wire, endpoint)


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_ollama.encode import LineEncoder
    from gateway_ollama.encode_body import BodyEncoder

    return (LineEncoder if request.stream else BodyEncoder)(request, context.losses)


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    if dialect != NAME:
        return None
    from gateway_ollama.errors import write_error

    return write_error(error)


@hookimpl
def encode_models(
    endpoint: Endpoint, models: Sequence[str], facts: Mapping[str, Json]
) -> WireReply | None:
    if endpoint.dialect != NAME:
        return None
    from gateway_ollama.models import write_models

    return write_models(endpoint, models, facts)


def _auth(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"}


def _setup(base_url: str, key: str) -> Mapping[str, str]:
    """What Ollama's command and SDKs read; the command itself takes no path (a group) in it."""
    return {"OLLAMA_HOST": base_url, "OLLAMA_API_KEY": key}
