"""Model lists and token counts in Gemini's shape."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.model import Json
from gateway.wire import WireReply

METHODS = ["generateContent", "streamGenerateContent", "countTokens"]


def write_models(names: Sequence[str]) -> WireReply:
    """`{"models": [...]}`, on one page."""
    return WireReply(orjson.dumps({"models": [_model(name) for name in names]}))


def write_model(name: str) -> WireReply:
    """One model."""
    return WireReply(orjson.dumps(_model(name)))


def write_count(tokens: int) -> WireReply:
    """The reply to `countTokens`."""
    return WireReply(orjson.dumps({"totalTokens": tokens}))


def _model(name: str) -> dict[str, Json]:
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "description": f"{name}, through Babelgate",
        "supportedGenerationMethods": METHODS,
    }
