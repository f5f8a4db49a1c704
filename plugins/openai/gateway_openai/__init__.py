"""The OpenAI dialects, chat completions and Responses: a table of contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gateway.hooks import Backend, Dialect, Endpoint, Touch, hookimpl

if TYPE_CHECKING:
    from gateway.codec import Encoder
    from gateway.context import Context
    from gateway.errors import GatewayError
    from gateway.losses import Losses
    from gateway.model import ChatRequest
    from gateway.wire import InboundWire, WireReply

API_VERSION = 1
NAME = "openai"
RESPONSES = "responses"


@hookimpl
def register_dialects() -> Sequence[Dialect]:
    from gateway_openai.chat.names import HINTS
    from gateway_openai.chat.relay import read_facts, relay
    from gateway_openai.chat.tap import make_tap
    from gateway_openai.responses import names, refusals, tap
    from gateway_openai.responses import relay as responses

    endpoints = (
        Endpoint("POST", "/v1/chat/completions", NAME, "chat"),
        Endpoint("GET", "/v1/models", NAME, "models"),
        Endpoint("GET", "/v1/models/{model}", NAME, "model"),
    )
    return [
        Dialect(
            NAME,
            endpoints,
            facts=read_facts,
            relay=relay,
            tap=make_tap,
            ping=b": ping\n\n",
            hints=HINTS,
            setup=_setup,
            usual_caller=True,
        ),
        Dialect(
            RESPONSES,
            (Endpoint("POST", "/v1/responses", RESPONSES, "chat"), *refusals.ENDPOINTS),
            facts=responses.read_facts,
            relay=responses.relay,
            tap=tap.make_tap,
            ping=b": ping\n\n",
            hints=names.HINTS,
        ),
    ]


@hookimpl
def register_backends() -> Sequence[Backend]:
    from gateway_openai.abilities import INQUIRY
    from gateway_openai.chat.decode import make_decoder
    from gateway_openai.chat.errors import REPLY_HEADERS, read_error
    from gateway_openai.chat.outbound import write_request
    from gateway_openai.presets import PRESETS
    from gateway_openai.responses import decode, errors, outbound

    return [
        Backend(
            NAME,
            speaks=NAME,
            version="v1",
            write_request=write_request,
            decoder=make_decoder,
            read_error=read_error,
            auth=_auth,
            reply_headers=REPLY_HEADERS,
            presets=PRESETS,
            inquiry=INQUIRY,
        ),
        Backend(
            RESPONSES,
            speaks=RESPONSES,
            version="v1",
            write_request=outbound.write_request,
            decoder=decode.make_decoder,
            read_error=errors.read_error,
            auth=_auth,
            reply_headers=REPLY_HEADERS,
        ),
    ]


@hookimpl
def touches(context: Context) -> set[Touch] | None:
    """A client's own request, where a relay would leave in it what the provider refuses."""
    target = context.target
    dialect = context.endpoint.dialect
    if dialect not in (NAME, RESPONSES) or target.speaks != dialect:
        return None
    from gateway_openai.quirks import quirks_of

    if "max_output" in target.facts:
        return {"request"}
    return {"request"} if dialect == NAME and quirks_of(target).reasoning_replay else None


@hookimpl
def parse_inbound(endpoint: Endpoint, wire: InboundWire, losses: Losses) -> ChatRequest | None:
    if endpoint.dialect == NAME:
        from gateway_openai.chat.inbound import read_request

        return read_request(wire, losses)
    if endpoint.dialect == RESPONSES:
        from gateway_openai.responses import inbound

        return inbound.read_request(wire, losses)
    return None


@hookimpl
def encode_stream(endpoint: Endpoint, request: ChatRequest, context: Context) -> Encoder | None:
    if endpoint.dialect == NAME:
        from gateway_openai.chat.encode import ChatEncoder
        from gateway_openai.chat.encode_body import BodyEncoder

        return (ChatEncoder if request.stream else BodyEncoder)(request, context.losses)
    if endpoint.dialect == RESPONSES:
        from gateway_openai.responses import encode, encode_body

        made = encode.StreamEncoder if request.stream else encode_body.BodyEncoder
        return made(request, context.losses)
    return None


@hookimpl
def encode_error(dialect: str, error: GatewayError) -> WireReply | None:
    if dialect == NAME:
        from gateway_openai.chat.errors import write_error

        return write_error(error)
    if dialect == RESPONSES:
        from gateway_openai.responses import errors

        return errors.write_error(error)
    return None


@hookimpl
def encode_models(endpoint: Endpoint, wire: InboundWire, models: Sequence[str]) -> WireReply | None:
    if endpoint.dialect == RESPONSES:
        from gateway_openai.responses.refusals import refusal

        raise refusal(endpoint, wire)
    if endpoint.dialect != NAME:
        return None
    from gateway_openai.models import write_models

    return write_models(endpoint, models)


def _auth(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"}


def _setup(base_url: str, key: str) -> Mapping[str, str]:
    return {"OPENAI_BASE_URL": f"{base_url.rstrip('/')}/v1", "OPENAI_API_KEY": key}
