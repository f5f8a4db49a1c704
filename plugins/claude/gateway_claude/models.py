"""Model lists and token counts, as this dialect's clients read them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.model import Json
from gateway.wire import WireReply
from gateway_claude.usage import ESTIMATED

UNKNOWN_DATE = "1970-01-01T00:00:00Z"
"""Anthropic's own value for a model whose release date is unknown (models API, read 2026-11)."""


def write_models(models: Sequence[str]) -> WireReply:
    """The whole list in one page."""
    page = {
        "data": [_model(name) for name in models],
        "first_id": models[0] if models else None,
        "last_id": models[-1] if models else None,
        "has_more": False,
    }
    return WireReply(orjson.dumps(page))


def write_model(model: str) -> WireReply:
    return WireReply(orjson.dumps(_model(model)))


def write_count(tokens: int, *, estimated: bool) -> WireReply:
    """The count; a guess says so."""
    label = {ESTIMATED: True} if estimated else {}
    return WireReply(orjson.dumps({"input_tokens": tokens, **label}))


def _model(name: str) -> dict[str, Json]:
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": UNKNOWN_DATE,
        "lifecycle": "active",
    }
