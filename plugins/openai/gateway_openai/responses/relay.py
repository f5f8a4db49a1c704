"""A client's own request, passed on with as little changed as can be: the model's name alone."""

from __future__ import annotations

import orjson

from gateway.attempt import Target
from gateway.hooks import Endpoint, RouteFacts
from gateway.reading import get, need
from gateway.wire import InboundWire, UpstreamWire
from gateway_openai.responses.inbound import HEADERS
from gateway_openai.responses.outbound import PATH, with_settings


def read_facts(wire: InboundWire, _: Endpoint) -> RouteFacts:
    """The model and whether to stream. Raises BadRequest."""
    body = wire.json()
    return RouteFacts(need(body, "model", str, ()), bool(get(body, "stream", bool, ())))


def relay(wire: InboundWire, _: Endpoint, target: Target) -> UpstreamWire:
    """The upstream's request."""
    headers = {name: wire.headers[name] for name in HEADERS if name in wire.headers}
    body = wire.json()
    if target.params or target.defaults:
        fresh = with_settings({**body, "model": target.model}, target)
        return UpstreamWire(PATH, fresh, headers=headers)
    raw = wire.renamed(target.model)
    if raw is None:
        raw = orjson.dumps({**body, "model": target.model})
    return UpstreamWire(PATH, raw, headers=headers)
