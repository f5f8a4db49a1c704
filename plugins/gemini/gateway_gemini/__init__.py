"""The Gemini dialect: its clients' side and its models' side. A table of contents."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, Preset, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Call, Context
    from gateway.errors import GatewayError
    from gateway.losses import Losses
    from gateway.model import ChatRequest
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1

HINTS = frozenset(["labels", "safetySettings", "cachedContent", "property_ordering"])
PRESETS = (
    Preset(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        base_url_variable="GOOGLE_GEMINI_BASE_URL",
        patterns=("gemini-*", "gemma-*"),
    ),
)


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_gemini import relay
    from gateway_gemini.endpoints import ENDPOINTS
    from gateway_gemini.tap import BodyTap, StreamTap

    return [
        Dialect(
            name="gemini",
            endpoints=ENDPOINTS,
            facts=relay.facts,
            relay=relay.relay,
            tap=lambda wire, stream: StreamTap() if stream else BodyTap(),
            hints=HINTS,
            setup=_setup,
        )
    ]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_gemini.decode import decoder
    from gateway_gemini.errors import read_error
    from gateway_gemini.outbound import write_request

    return [
        Backend(
            name="gemini",
            speaks="gemini",
            version="v1beta",
            write_request=write_request,
            decoder=decoder,
            read_error=read_error,
            auth=lambda key: {"x-goog-api-key": key},
            presets=PRESETS,
        )
    ]


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest | None:
    if endpoint.dialect != "gemini":
        return None
    from gateway_gemini.inbound import read_request

    return read_request(wire, losses, stream=endpoint.stream)


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    if endpoint.dialect != "gemini":
        return None
    from gateway.model import note
    from gateway_gemini.encode import ArrayEncoder, BodyEncoder, StreamEncoder

    if not request.stream:
        return BodyEncoder(context.target.model)
    is_sse = note(request.extra, "gemini", "alt") == "sse"
    return StreamEncoder(context.target.model) if is_sse else ArrayEncoder(context.target.model)


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    if dialect != "gemini":
        return None
    from gateway_gemini import errors

    return errors.encode_error(error)


@hookimpl
def encode_models(endpoint: Endpoint, wire: InboundWire, models: Sequence[str]) -> WireReply | None:
    if endpoint.dialect != "gemini":
        return None
    from gateway_gemini.models import encode_model
    from gateway_gemini.models import encode_models as encode_list

    return encode_model(models[0]) if endpoint.action == "model" else encode_list(models)


@hookimpl
def encode_count(endpoint: Endpoint, tokens: int, estimated: bool) -> WireReply | None:  # noqa: ARG001
    if endpoint.dialect != "gemini":
        return None
    from gateway_gemini import models

    return models.encode_count(tokens)


@hookimpl
def count_tokens(call: Call) -> Awaitable[int] | None:
    if call.backend.name != "gemini":
        return None
    from gateway_gemini.count import count

    return count(call)


def _setup(base_url: str, key: str) -> Mapping[str, str]:
    return {"GOOGLE_GEMINI_BASE_URL": base_url, "GEMINI_API_KEY": key}
