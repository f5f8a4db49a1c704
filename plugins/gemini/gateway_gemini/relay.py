"""A Gemini client's own request, on its way to a Gemini model: only the model's name changes."""

from __future__ import annotations

from urllib.parse import quote

from gateway.attempt import Target
from gateway.hooks import Endpoint, RouteFacts
from gateway.model import Json
from gateway.seals import TAG, belongs_to, untagged
from gateway.wire import InboundWire, UpstreamWire
from gateway_gemini.names import DIALECT


def facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
    """The model stands in the path, and the verb says whether the reply is a stream."""
    return RouteFacts(wire.args["model"], stream=bool(endpoint.stream))


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The same body for `target`. The client's key in `?key=` goes no further."""
    verb = "streamGenerateContent" if endpoint.stream else "generateContent"
    query = {"alt": wire.query["alt"]} if "alt" in wire.query else {}
    body: bytes | dict[str, Json] = wire.body
    if TAG.encode() in wire.body:
        body = _without_foreign_seals(wire.json(), target)
    return UpstreamWire(f"/models/{quote(target.model, safe='')}:{verb}", body, query=query)


def _without_foreign_seals(value: Json, target: Target) -> Json:
    """`value` with this target's own seals bare again, and every other's left out."""
    if isinstance(value, list):
        return [_without_foreign_seals(one, target) for one in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, inner in value.items():
        if key in ("thoughtSignature", "thought_signature") and isinstance(inner, str):
            seal = untagged(inner, DIALECT)
            if belongs_to(seal, target):
                out[key] = seal.value
        else:
            out[key] = _without_foreign_seals(inner, target)
    return out
