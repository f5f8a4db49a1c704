"""The list of models, in OpenAI's shape (API reference, models, read 2026-11)."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.hooks import Endpoint
from gateway.model import Json
from gateway.wire import WireReply

OWNER = "babelgate"
MODEL_PATHS = ("{model}", "{vendor}/{model}", "{upstream}/{vendor}/{model}")
"""A name with slashes, which not every client encodes; its pieces joined are the name."""


def write_models(endpoint: Endpoint, models: Sequence[str]) -> WireReply:
    """All `models`, or the one of them that was asked for."""
    if endpoint.action == "model":
        return WireReply(orjson.dumps(_model(models[0])))
    return WireReply(orjson.dumps({"object": "list", "data": [_model(name) for name in models]}))


def _model(name: str) -> dict[str, Json]:
    """created: 0, since an alias has no birthday and the SDK demands a number."""
    return {"id": name, "object": "model", "created": 0, "owned_by": OWNER}
