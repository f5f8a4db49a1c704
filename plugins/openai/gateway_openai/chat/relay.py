"""A client's own request, passed on with as little changed as can be.

Only the model's name is replaced in the raw bytes, where it is certain that they hold no second
one. Elsewhere the body is written anew.
"""

from __future__ import annotations

import orjson

from gateway.attempt import Target
from gateway.hooks import Endpoint, RouteFacts
from gateway.model import Json
from gateway.reading import get, need
from gateway.wire import InboundWire, UpstreamWire
from gateway_openai.chat.inbound import HEADERS
from gateway_openai.chat.outbound import PATH, with_settings
from gateway_openai.embed_outbound import relay_embed
from gateway_openai.quirks import quirks_of

TOP = ("stream", "stream_options")
"""What is read of a request that is only passed on."""
ASK_FOR_USAGE = b'{"stream_options":{"include_usage":true},'


def read_facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
    """The model and whether to stream. Raises BadRequest."""
    if endpoint.method == "GET":
        return RouteFacts("/".join(wire.args.values()), stream=False)
    if endpoint.action == "embed":
        return RouteFacts(need(wire.glance(), "model", str, ()), stream=False)
    body = wire.glance("stream")
    return RouteFacts(need(body, "model", str, ()), bool(get(body, "stream", bool, ())))


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The upstream's request. A stream is made to end with its token counts."""
    if endpoint.action == "embed":
        return relay_embed(wire, target)
    headers = {name: wire.headers[name] for name in HEADERS if name in wire.headers}
    top = wire.top(*TOP)
    asks = bool(top.get("stream")) and not wants_usage(wire) and quirks_of(target).stream_usage
    if target.params or target.defaults:
        fresh = with_usage(wire.json()) if asks else dict(wire.json())
        return UpstreamWire(
            PATH, with_settings({**fresh, "model": target.model}, target), headers=headers
        )
    raw = wire.renamed(target.model)
    if raw is None or (asks and b'"stream_options"' in raw):
        fresh = with_usage(wire.json()) if asks else wire.json()
        raw = orjson.dumps({**fresh, "model": target.model})
    elif asks:
        raw = ASK_FOR_USAGE + raw.lstrip().removeprefix(b"{")
    return UpstreamWire(PATH, raw, headers=headers)


def wants_usage(wire: InboundWire) -> bool:
    """Whether the client itself asked for the token counts of a stream."""
    options = wire.top(*TOP).get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def with_usage(body: dict[str, Json]) -> dict[str, Json]:
    options = body.get("stream_options")
    said = options if isinstance(options, dict) else {}
    return {**body, "stream_options": {**said, "include_usage": True}}
