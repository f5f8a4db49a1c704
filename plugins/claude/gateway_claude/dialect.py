"""The client's side: its endpoints, and the little that routing reads."""

from __future__ import annotations

from gateway.hooks import Dialect, Endpoint, RouteFacts
from gateway.reading import get, need
from gateway.wire import InboundWire
from gateway_claude.encode import PING
from gateway_claude.names import HINTS, NAME
from gateway_claude.relay import relay
from gateway_claude.tap import tap

MODEL_PATHS = ("{model}", "{vendor}/{model}", "{upstream}/{vendor}/{model}")
"""A name with slashes, which not every client encodes; its pieces joined are the name."""
ENDPOINTS = (
    Endpoint("POST", "/v1/messages", NAME, "chat"),
    Endpoint("POST", "/v1/messages/count_tokens", NAME, "count_tokens", stream=False),
    Endpoint("GET", "/v1/models", NAME, "models"),
    *(Endpoint("GET", f"/v1/models/{name}", NAME, "model") for name in MODEL_PATHS),
)


def facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
    """The model and whether to stream. Raises BadRequest."""
    if endpoint.method == "GET":
        return RouteFacts("/".join(wire.args.values()), stream=False)
    body = wire.glance("stream")
    streamed = endpoint.stream is not False and bool(get(body, "stream", bool, ()))
    return RouteFacts(need(body, "model", str, ()), streamed)


def setup(base_url: str, key: str) -> dict[str, str]:
    """What Claude Code and the SDKs read from the environment."""
    return {"ANTHROPIC_BASE_URL": base_url, "ANTHROPIC_AUTH_TOKEN": key}


DIALECT = Dialect(
    NAME,
    ENDPOINTS,
    facts,
    relay=relay,
    tap=tap,
    ping=PING,
    hints=HINTS,
    setup=setup,
    programs=("claude",),
    caller_headers=("anthropic-version", "x-api-key"),
)
