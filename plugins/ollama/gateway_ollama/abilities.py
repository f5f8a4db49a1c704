"""What a model can do, as its server tells it.

`POST /api/show`, field `capabilities` (API reference, read 2026-11). Servers of before 2025 leave
it out; then nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.attempt import Target
from gateway.hooks import Inquiry
from gateway.model import Json
from gateway.wire import UpstreamWire
from gateway_ollama.endpoints import SHOW

WORDS = {"tools": "tools", "vision": "images", "thinking": "thinking"}
"""Ollama's words for abilities, and ours."""


def _write(target: Target) -> UpstreamWire:
    return UpstreamWire(SHOW, {"model": target.model})


def _read(reply: Json) -> Mapping[str, Json]:
    said = reply.get("capabilities") if isinstance(reply, dict) else None
    if not isinstance(said, list):
        return {}
    return {ours: theirs in said for theirs, ours in WORDS.items()}


INQUIRY = Inquiry(_write, _read)
