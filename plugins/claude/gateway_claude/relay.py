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
MODEL_KEY = re.compile(rb'"model"\s*:')
TAG = PREFIX.encode()


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The upstream's request. A proxy key in the query stays behind.

    A body that holds one `"model":` keeps every other byte; so provider caches keep hitting.
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
        spliced = splice(wire.body, target.model)
        if spliced is not None:
            return spliced
    body = {**wire.json(), "model": target.model}
    if tagged:
        body["messages"] = _own_seals(body.get("messages"), target)
    return with_settings(body, target)


def splice(body: bytes, model: str) -> bytes | None:
    """`body` with another model's name, or None when where it stands is not plain.

    Inside a string the key's quotes would be escaped, so one match is the key itself.
    """
    at = body.find(KEY)
    if body.find(KEY, at + 1) != -1:
        keys = list(MODEL_KEY.finditer(body))
        if len(keys) != 1:
            return None
        at = keys[0].start()
    found = MODEL.match(body, at) if at != -1 else None
    if found is None:
        return None
    start, end = found.span(1)
    return body[:start] + orjson.dumps(model) + body[end:]


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
