"""A client's own request for an upstream of the same dialect: all but the model's name stays."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.attempt import Target
from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.seals import TAG, belongs_to, untagged
from gateway.wire import InboundWire, UpstreamWire
from gateway_claude.names import MEANINGFUL_HEADERS, NAME
from gateway_claude.outbound import COUNT, MESSAGES, with_settings

TAGGED = b'"' + TAG.encode()
"""How a tagged seal begins in JSON. `rfind` is the faster search (CPython 3.11)."""
SEALED: Mapping[str, str] = MappingProxyType({"thinking": "signature", "redacted_thinking": "data"})
"""Where a block's seal stands, by the block's type."""


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The upstream's request. A proxy key in the query stays behind.

    Every other byte of the body stays, where that can be had; so provider caches keep hitting.
    """
    return UpstreamWire(
        COUNT if endpoint.action == "count_tokens" else MESSAGES,
        _body(wire, target),
        query={name: value for name, value in wire.query.items() if name != "key"},
        headers={name: wire.headers[name] for name in MEANINGFUL_HEADERS if name in wire.headers},
    )


def _body(wire: InboundWire, target: Target) -> dict[str, Json] | bytes:
    if wire.body.rfind(TAGGED) >= 0:
        raw = wire.json()
        messages = _own_seals(raw.get("messages"), target)
        if messages is not raw.get("messages"):
            return with_settings({**raw, "model": target.model, "messages": messages}, target)
    renamed = None if target.params or target.defaults else wire.renamed(target.model)
    return renamed or with_settings({**wire.json(), "model": target.model}, target)


def _own_seals(messages: Json, target: Target) -> Json:
    """The messages with the gateway's tags taken off, and other models' thinking left out.

    `messages` itself when nothing in it is tagged.
    """
    if not isinstance(messages, list) or not any(map(_is_tagged, messages)):
        return messages
    out = []
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):
            kept = [mine for block in content if (mine := _own_block(block, target)) is not None]
            if not kept and content:
                continue
            message = {**message, "content": kept}  # noqa: PLW2901 - the same message, unsealed
        out.append(message)
    return out


def _is_tagged(message: Json) -> bool:
    content = message.get("content") if isinstance(message, dict) else None
    return isinstance(content, list) and any(map(_tagged_field, content))


def _tagged_field(block: Json) -> str | None:
    """The field of a thinking block that holds one of the gateway's tags."""
    kind = block.get("type") if isinstance(block, dict) else None
    field = SEALED.get(kind) if isinstance(kind, str) else None
    value = block.get(field) if field else None
    return field if isinstance(value, str) and value.startswith(TAG) else None


def _own_block(block: Json, target: Target) -> Json:
    field = _tagged_field(block)
    if field is None:
        return block
    seal = untagged(block[field], NAME)
    return {**block, field: seal.value} if belongs_to(seal, target) else None
