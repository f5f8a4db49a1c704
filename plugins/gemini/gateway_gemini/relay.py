"""A Gemini client's own request, on its way to a Gemini model: only the model's name changes."""

from __future__ import annotations

from urllib.parse import quote

from gateway.attempt import Target
from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.seals import TAG, belongs_to, untagged
from gateway.wire import InboundWire, UpstreamWire
from gateway_gemini.embed_outbound import relay_embed
from gateway_gemini.names import DIALECT
from gateway_gemini.outbound import with_settings
from gateway_gemini.outbound_parts import UNSIGNED

SIGNATURES = ("thoughtSignature", "thought_signature")
CALLS = ("functionCall", "function_call")
KEYS = frozenset({"key", "access_token"})
"""What may hold a key in the query; it goes no further."""


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The same body for `target`, byte for byte where nothing has to change."""
    if endpoint.action == "embed":
        return relay_embed(wire, endpoint, target)
    verb = "streamGenerateContent" if endpoint.stream else "generateContent"
    return UpstreamWire(
        f"/models/{quote(target.model, safe='')}:{verb}",
        _body(wire, target),
        query={name: value for name, value in wire.query.items() if name not in KEYS},
    )


def _body(wire: InboundWire, target: Target) -> dict[str, Json] | bytes:
    tagged = TAG.encode() in wire.body
    if not tagged and not target.params and not target.defaults:
        return wire.body
    body = wire.json()
    if tagged:
        body = {**body, "contents": _own_seals(body.get("contents"), target)}
    return with_settings(body, target)


def _own_seals(contents: Json, target: Target) -> Json:
    """The turns with the gateway's tags taken off, and other models' thoughts left out."""
    if not isinstance(contents, list):
        return contents
    out = []
    for content in contents:
        parts = content.get("parts") if isinstance(content, dict) else None
        if isinstance(parts, list):
            kept = [mine for part in parts if (mine := _own_part(part, target)) is not None]
            content = {**content, "parts": kept}  # noqa: PLW2901 - the same turn, unsealed
        out.append(content)
    return out


def _own_part(part: Json, target: Target) -> Json:
    name = next((each for each in SIGNATURES if isinstance(part, dict) and each in part), None)
    value = part[name] if name else None
    if not isinstance(value, str) or not value.startswith(TAG):
        return part
    seal = untagged(value, DIALECT)
    if belongs_to(seal, target):
        return {**part, name: seal.value}
    if part.get("thought") is True:
        return None
    bare = {key: inner for key, inner in part.items() if key != name}
    return {**bare, name: UNSIGNED} if any(key in part for key in CALLS) else bare
