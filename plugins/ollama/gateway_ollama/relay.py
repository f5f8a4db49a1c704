"""A client's own request, passed on as it came: only the model's name changes.

Its bytes are kept where it is certain which of them are the name: exactly one `"model":` key in
the whole body, and no escape that could spell another. Elsewhere the body is written anew.
"""

from __future__ import annotations

import re

import orjson

from gateway.attempt import Target
from gateway.hooks import Endpoint, RouteFacts
from gateway.model import Json
from gateway.reading import get, need
from gateway.wire import InboundWire, UpstreamWire, WireReply
from gateway_ollama.embed_inbound import only_loads
from gateway_ollama.inbound import streams
from gateway_ollama.loading import loaded
from gateway_ollama.names import LATEST
from gateway_ollama.outbound import with_settings

MODEL = re.compile(rb'(?<!\\)"model"\s*:\s*')
VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"')
ESCAPED = b"\\u006"
"""How an escape of any letter of "model" begins: `"\\u006dodel"` is the same key."""


def read_facts(wire: InboundWire, endpoint: Endpoint) -> RouteFacts:
    """The model and whether to stream. Raises BadRequest."""
    if endpoint.action not in ("chat", "model", "embed"):
        return RouteFacts("", stream=False)
    body = wire.json()
    name = _model(body) if endpoint.action == "model" else need(body, "model", str, ())
    plain = name.removesuffix(LATEST)
    chats = endpoint.action == "chat"
    return RouteFacts(
        name,
        stream=chats and streams(body),
        plain=plain if plain != name else None,
        ready=_ready(body, endpoint),
    )


def relay(wire: InboundWire, endpoint: Endpoint, target: Target) -> UpstreamWire:
    """The upstream's request."""
    if target.params or target.defaults:
        body = with_settings({**wire.json(), "model": target.model}, target)
        return UpstreamWire(endpoint.path, body)
    raw = spliced(wire.body, target.model)
    if raw is None:
        raw = orjson.dumps({**wire.json(), "model": target.model})
    return UpstreamWire(endpoint.path, raw)


def spliced(raw: bytes, model: str) -> bytes | None:
    """`raw` with another model's name in it; None when it is not certain which bytes are it."""
    keys = list(MODEL.finditer(raw))
    if len(keys) != 1 or ESCAPED in raw:
        return None
    value = VALUE.match(raw, keys[0].end())
    if value is None:
        return None
    return raw[: value.start()] + orjson.dumps(model) + raw[value.end() :]


def _ready(body: dict[str, Json], endpoint: Endpoint) -> WireReply | None:
    """The whole reply to a request that only loads a model."""
    if endpoint.action == "embed":
        return only_loads(body, endpoint)
    return loaded(body, endpoint) if endpoint.action == "chat" else None


def _model(body: dict[str, Json]) -> str:
    """The model to show; before `model` there was `name`, which clients still send."""
    name = get(body, "model", str, ()) or get(body, "name", str, ())
    return name or need(body, "model", str, ())
