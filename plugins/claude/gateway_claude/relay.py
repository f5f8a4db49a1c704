"""A client's own request for an upstream of the same dialect: all but the model's name stays."""

from __future__ import annotations

import re

import orjson

from gateway.attempt import Target
from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.wire import InboundWire, UpstreamWire
from gateway_claude.names import MEANINGFUL_HEADERS
from gateway_claude.outbound import COUNT, MESSAGES, with_settings
from gateway_claude.seals import PREFIX, fits, untag

MODEL = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")')
KEY = b'"model"'
ESCAPE = b"\\u00"
CANDIDATES = 4
"""Places that are tried; Claude Code's own stands first."""
TAG = PREFIX.encode()


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
    tagged = TAG in wire.body
    if not tagged and not target.params and not target.defaults:
        spliced = splice(wire.body, wire.json()["model"], target.model)
        if spliced is not None:
            return spliced
    body = {**wire.json(), "model": target.model}
    if tagged:
        body["messages"] = _own_seals(body.get("messages"), target)
    return with_settings(body, target)


def splice(body: bytes, old: str, model: str) -> bytes | None:
    """`body` with `model` in place of `old` at its top; None when it can't be found plainly.

    Clients have tools with a parameter of that name. A body with the key twice at its top, or
    spelled with escapes, must not smuggle another name past the alias: such a one is refused.
    """
    if old == model:
        return body
    at = body.find(KEY)
    alone = at != -1 and body.find(KEY, at + 1) == -1 and ESCAPE not in body
    for _ in range(CANDIDATES):
        found = MODEL.match(body, at) if at != -1 else None
        if found is not None and orjson.loads(found[1]) == old:
            start, end = found.span(1)
            spliced = body[:start] + orjson.dumps(model) + body[end:]
            if alone or orjson.loads(spliced).get("model") == model:
                return spliced
        at = body.find(KEY, at + 1) if at != -1 else -1
    return None


def _own_seals(messages: Json, target: Target) -> Json:
    """The messages with the gateway's tags taken off, and other models' thinking left out."""
    if not isinstance(messages, list):
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


def _own_block(block: Json, target: Target) -> Json:
    field = {"thinking": "signature", "redacted_thinking": "data"}.get(
        block.get("type", "") if isinstance(block, dict) else ""
    )
    value = block.get(field) if field else None
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return block
    seal = untag(value)
    return {**block, field: seal.value} if fits(seal, target) else None
